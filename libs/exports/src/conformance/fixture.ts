import { randomUUID } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateChap } from '../chap.js';
import type { Connector } from '../connector.js';
import type { ExportRequest } from '../export-protocol.js';

export const GIB = 1024 ** 3;
export const MIB = 1024 ** 2;

/** Sparse files to export, in a directory of their own. */
export class Devices {
  private constructor(readonly directory: string) {}

  static async create(): Promise<Devices> {
    return new Devices(await mkdtemp(join(tmpdir(), 'scoria-devices-')));
  }

  /** A device of `sizeGib` GiB that begins with 1 MiB of `pattern`. */
  async add(pattern = 0, sizeGib = 1): Promise<string> {
    const path = join(this.directory, randomUUID());
    const file = await open(path, 'w+');
    await file.write(Buffer.alloc(MIB, pattern), 0, MIB, 0);
    await file.truncate(sizeGib * GIB);
    await file.close();
    return path;
  }

  async read(path: string, offset: number, length: number): Promise<Buffer> {
    const file = await open(path, 'r');
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, offset);
    await file.close();
    return buffer;
  }

  destroy(): Promise<void> {
    return rm(this.directory, { recursive: true, force: true });
  }
}

/** A request for a new attachment of a new volume. */
export function newRequest(
  device: string,
  connector: Connector,
  changes: Partial<ExportRequest> = {},
): ExportRequest {
  return {
    attachmentId: randomUUID(),
    volumeId: randomUUID(),
    device: { path: device, discard: true },
    sizeGib: 1,
    mode: 'rw',
    connector,
    chap: generateChap(),
    ...changes,
  };
}
