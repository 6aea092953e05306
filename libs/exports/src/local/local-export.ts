import { mkdir, readdir, readlink, rename, rm, stat, symlink } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { Fault, isUuid } from '@scoria/domain';
import { checkAttachmentId } from '../attachment-id.js';
import { type Connector, requireHost } from '../connector.js';
import type {
  ConnectionInfo,
  ExportOptions,
  ExportProtocol,
  ExportRequest,
  RefreshRequest,
  ServedExport,
} from '../export-protocol.js';
import { SerialQueue } from '../serial-queue.js';

export interface LocalExportOptions {
  /** A directory of this back end alone, kept over restarts. */
  stateDir: string;
}

/** What a link that is being put in place is called until it is. */
const UNFINISHED = '.new';

/**
 * For clients on this very machine. An export is a symbolic link `exports/<attachment id>` to the device, which is
 * what clients open: when it is removed, nobody opens the device anew. Who has it open keeps it, and `ro` is told,
 * not enforced: use it where client and service trust each other.
 */
export class LocalExport implements ExportProtocol {
  readonly storageProtocol = ['local'];
  private readonly directory: string;
  /** One at a time: the name of the unfinished link is the attachment's. */
  private readonly queue = new SerialQueue();

  constructor({ stateDir }: LocalExportOptions) {
    if (!isAbsolute(stateDir)) throw new Fault('internal', 'Local export: stateDir must be absolute.');
    this.directory = join(stateDir, 'exports');
  }

  async setup(): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o711 });
    for (const name of await readdir(this.directory)) {
      const id = name.endsWith(UNFINISHED) ? name.slice(0, -UNFINISHED.length) : '';
      if (isUuid(id)) await rm(join(this.directory, name), { force: true });
    }
  }

  /** Any name: what clients call their host need not be this machine's name. One elsewhere finds no device. */
  validateConnector(connector: Connector): void {
    requireHost(connector);
  }

  async ensure(request: ExportRequest, { signal }: ExportOptions = {}): Promise<ConnectionInfo> {
    this.validateConnector(request.connector);
    const link = this.linkOf(request.attachmentId);
    await this.queue.run(() => pointTo(link, request.device.path), signal);
    return {
      driver_volume_type: 'local',
      data: { device_path: link, volume_id: request.volumeId, access_mode: request.mode },
    };
  }

  async remove(attachmentId: string, { signal }: ExportOptions = {}): Promise<void> {
    const link = this.linkOf(attachmentId);
    await this.queue.run(() => rm(link, { force: true }), signal);
  }

  /** A local client sees the device itself: its size needs no telling. */
  async refreshSize({ attachmentId }: RefreshRequest): Promise<void> {
    checkAttachmentId(attachmentId);
  }

  async list(): Promise<ServedExport[]> {
    const names = await this.queue.run(() => readdir(this.directory));
    return names.map((name) => ({ name, attachmentId: isUuid(name) ? name : undefined, complete: true }));
  }

  async close(): Promise<void> {
    await this.queue.drained();
  }

  private linkOf(attachmentId: string): string {
    return join(this.directory, checkAttachmentId(attachmentId));
  }
}

/** Replaces the link in one step: no reader finds none, or half of one. */
async function pointTo(link: string, devicePath: string): Promise<void> {
  await stat(devicePath).catch((cause: unknown) => {
    throw new Fault('internal', "The volume's device cannot be exported.", { cause });
  });
  const current = await readlink(link).catch(() => undefined);
  if (current === devicePath) return;
  const unfinished = link + UNFINISHED;
  await rm(unfinished, { force: true });
  await symlink(devicePath, unfinished);
  await rename(unfinished, link);
}
