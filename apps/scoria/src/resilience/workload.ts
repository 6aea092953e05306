import { setTimeout as delay } from 'node:timers/promises';
import type { PatientClient } from './patient-client.js';
import type { Random } from './random.js';

export interface Done {
  kind: string;
  outcome: string;
  seconds: number;
  detail: string;
}
interface Volume {
  id: string;
  type: string;
  size: number;
  attachment?: string;
  snapshots: string[];
}
type Answered = { status: number; body: unknown };

const SETTLE_LIMIT_MS = 60_000;
const PAUSE_MS = 200;
const MOVING = /^(creating|downloading|uploading|extending|deleting)$/;
const INITIATOR = 'iqn.1993-08.org.debian:01:x';

/** One tenant who does one thing after the other with volumes of its own, and waits for the end of each. */
export class Tenant {
  private readonly volumes: Volume[] = [];
  private made = 0;

  constructor(
    private readonly name: string,
    private readonly client: PatientClient,
    private readonly random: Random,
  ) {}

  async act(): Promise<Done> {
    const began = performance.now();
    const [kind, work] = this.random.pick(this.choices());
    const [outcome, detail] = await work();
    return { kind, outcome, detail, seconds: (performance.now() - began) / 1000 };
  }

  /** What can be done now; creates count double so that there is something to work on. */
  private choices(): [string, () => Promise<[string, string]>][] {
    const files = this.volumes.filter(({ type }) => type === 'file');
    const free = files.filter(({ attachment }) => !attachment);
    const bare = this.volumes.filter((each) => !each.attachment && each.snapshots.length === 0);
    const snapped = files.filter(({ snapshots }) => snapshots.length > 0);
    const attached = files.filter(({ attachment }) => attachment);
    const on = (kind: string, among: Volume[], work: (volume: Volume) => Promise<[string, string]>) =>
      among.length === 0
        ? []
        : [[kind, () => work(this.random.pick(among))] as [string, () => Promise<[string, string]>]];
    return [
      ['create file', () => this.create({ volume_type: 'file' })],
      ['create null', () => this.create({ volume_type: 'null' })],
      ['create from image', () => this.create({ volume_type: 'file', imageRef: 'disk' })],
      ...on('create from volume', free, (from) =>
        this.create({ volume_type: 'file', size: from.size, source_volid: from.id }),
      ),
      ...on('create from snapshot', snapped, (from) =>
        this.create({ volume_type: 'file', size: from.size, snapshot_id: from.snapshots[0] }),
      ),
      ...on('delete', bare, (volume) => this.remove(volume)),
      ...on('extend', bare, (volume) => this.extend(volume)),
      ...on('snapshot', free, (volume) => this.snapshot(volume)),
      ...on('delete snapshot', snapped, (volume) => this.removeSnapshot(volume)),
      ...on('attach', free, (volume) => this.attach(volume)),
      ...on('detach', attached, (volume) => this.detach(volume)),
      ...on('upload', free, (volume) => this.upload(volume)),
    ];
  }

  private async create(more: Record<string, unknown>): Promise<[string, string]> {
    const volume = { name: `${this.name}-${this.made++}`, size: 1, ...more };
    const { status, body } = await this.client.request<{ volume: { id: string } }>('POST', '/volumes', {
      volume,
    });
    if (status >= 300) return refused({ status, body });
    const { id } = body.volume;
    const end = await this.end('volume', id);
    if (end === 'available')
      this.volumes.push({ id, type: String(more['volume_type']), size: volume.size, snapshots: [] });
    return [end, id];
  }

  private async remove(volume: Volume): Promise<[string, string]> {
    const answer = await this.client.request('DELETE', `/volumes/${volume.id}`);
    if (answer.status >= 300) return refused(answer);
    this.volumes.splice(this.volumes.indexOf(volume), 1);
    return [await this.end('volume', volume.id), volume.id];
  }

  private async extend(volume: Volume): Promise<[string, string]> {
    const answer = await this.action(volume, { 'os-extend': { new_size: volume.size + 1 } });
    if (answer.status >= 300) return refused(answer);
    const end = await this.end('volume', volume.id);
    if (end === 'available') volume.size++;
    else this.volumes.splice(this.volumes.indexOf(volume), 1);
    return [end, volume.id];
  }

  private async snapshot(volume: Volume): Promise<[string, string]> {
    const snapshot = { volume_id: volume.id, name: `${this.name}-${this.made++}` };
    const answer = await this.client.request<{ snapshot: { id: string } }>('POST', '/snapshots', {
      snapshot,
    });
    if (answer.status >= 300) return refused(answer);
    const { id } = answer.body.snapshot;
    volume.snapshots.push(id);
    return [await this.end('snapshot', id), id];
  }

  private async removeSnapshot(volume: Volume): Promise<[string, string]> {
    const id = volume.snapshots[0]!;
    const answer = await this.client.request('DELETE', `/snapshots/${id}`);
    if (answer.status >= 300) return refused(answer);
    const end = await this.end('snapshot', id);
    if (end === 'gone') volume.snapshots.shift();
    return [end, id];
  }

  private async attach(volume: Volume): Promise<[string, string]> {
    const connector = { host: 'x', initiator: INITIATOR, platform: 'x86_64', os_type: 'linux' };
    const attachment = { volume_uuid: volume.id, instance_uuid: crypto.randomUUID(), connector };
    const answer = await this.client.request<{ attachment: { id: string } }>('POST', '/attachments', {
      attachment,
    });
    if (answer.status >= 300) return refused(answer);
    const { id } = answer.body.attachment;
    volume.attachment = id;
    const completed = await this.client.request('POST', `/attachments/${id}/action`, { 'os-complete': null });
    return completed.status < 300 ? ['in-use', id] : refused(completed);
  }

  private async detach(volume: Volume): Promise<[string, string]> {
    const answer = await this.client.request('DELETE', `/attachments/${volume.attachment}`);
    if (answer.status >= 300) return refused(answer);
    delete volume.attachment;
    return [await this.end('volume', volume.id), volume.id];
  }

  private async upload(volume: Volume): Promise<[string, string]> {
    const answer = await this.action(volume, {
      'os-volume_upload_image': {
        image_name: `${this.name}-${this.made++}`,
        disk_format: 'qcow2',
        container_format: 'bare',
      },
    });
    return answer.status >= 300 ? refused(answer) : [await this.end('volume', volume.id), volume.id];
  }

  private action(volume: Volume, body: object): Promise<Answered> {
    return this.client.request('POST', `/volumes/${volume.id}/action`, body);
  }

  /** The status in which it comes to rest; `gone` when there is no such thing any more. */
  private async end(kind: 'volume' | 'snapshot', id: string): Promise<string> {
    for (
      const limit = performance.now() + SETTLE_LIMIT_MS;
      performance.now() < limit;
      await delay(PAUSE_MS)
    ) {
      const { status, body } = await this.client.get<Record<string, { status: string }>>(`/${kind}s/${id}`);
      if (status === 404) return 'gone';
      if (status < 300 && !MOVING.test(body[kind]!.status)) return body[kind]!.status;
    }
    return 'still moving';
  }
}

const refused = ({ status, body }: Answered): [string, string] => [`refused ${status}`, JSON.stringify(body)];
