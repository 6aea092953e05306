import { waitFor } from '@scoria/testing';
import type { ConnectionInfo } from '@scoria/exports';
import { Commands } from './commands.js';
import type { Shape } from './shape.js';

/** A resource as it is shown. */
export interface Seen {
  id: string;
  status: string;
  [key: string]: unknown;
}

export interface Answer<Body> {
  status: number;
  headers: Headers;
  body: Body;
}

export type Kind = 'volumes' | 'snapshots';

const WAIT_MS = 60_000;
const INSTANCE = '11111111-2222-4333-8444-555555555555';

/** What a compute host says of itself. */
export function connectorOf(initiator: string): object {
  return {
    host: 'client',
    initiator,
    ip: '127.0.0.1',
    platform: 'x86_64',
    os_type: 'linux',
    multipath: false,
  };
}

/** A tenant of a gateway without Keystone: with plain requests, and with the stock commands. */
export class User {
  readonly commands: Commands;
  private turn = 0;

  constructor(
    private readonly shape: Pick<Shape, 'urls'>,
    readonly project = 'tenant',
  ) {
    this.commands = Commands.withoutKeystone(() => this.nextUrl(), 'tester', project);
  }

  /** A request to any of the gateways, in turn. */
  async request<Body = Record<string, unknown>>(
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<Answer<Body>> {
    const response = await fetch(`${this.nextUrl()}/v3/${this.project}${path}`, {
      method,
      headers: {
        'x-auth-token': `tester:${this.project}`,
        'content-type': 'application/json',
        'openstack-api-version': 'volume 3.71',
        ...headers,
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (text ? JSON.parse(text) : {}) as Body,
    };
  }

  /** The same, for what must succeed; answers the body. */
  async ask<Body = Record<string, unknown>>(method: string, path: string, body?: object): Promise<Body> {
    const answer = await this.request<Body>(method, path, body);
    if (answer.status < 300) return answer.body;
    throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }

  /** Performs an action of a volume and answers the body. */
  act<Body = Record<string, unknown>>(
    volumeId: string,
    action: string,
    argument: object | null,
  ): Promise<Body> {
    return this.ask<Body>('POST', `/volumes/${volumeId}/action`, { [action]: argument });
  }

  async show(kind: Kind, id: string): Promise<Seen> {
    const body = await this.ask<Record<string, Seen>>('GET', `/${kind}/${id}`);
    return body[kind.slice(0, -1)]!;
  }

  /** Waits for a status. */
  settled(kind: Kind, id: string, wanted = 'available'): Promise<Seen> {
    return waitFor(() => this.show(kind, id), {
      timeoutMs: WAIT_MS,
      describe: `${kind} ${id} to be ${wanted}`,
      until: ({ status }) => status === wanted,
    });
  }

  /** Asks for a volume on the file back end, of 1 GiB unless told; answers its id. */
  async createVolume(more: object = {}): Promise<string> {
    const body = { volume: { size: 1, volume_type: 'file', ...more } };
    const { volume } = await this.ask<{ volume: Seen }>('POST', '/volumes', body);
    return volume.id;
  }

  /** The same, and waits for it. */
  async volume(more: object = {}): Promise<string> {
    const id = await this.createVolume(more);
    await this.settled('volumes', id);
    return id;
  }

  /** Makes a snapshot, of a volume that is in use too, and waits for it. */
  async snapshot(volumeId: string, name: string): Promise<string> {
    const body = { snapshot: { volume_id: volumeId, name, force: true } };
    const { snapshot } = await this.ask<{ snapshot: Seen }>('POST', '/snapshots', body);
    await this.settled('snapshots', snapshot.id);
    return snapshot.id;
  }

  async gone(kind: Kind, id: string): Promise<void> {
    await waitFor(async () => (await this.request('GET', `/${kind}/${id}`)).status === 404, {
      timeoutMs: WAIT_MS,
      describe: `${kind} ${id} to be gone`,
    });
  }

  /** Attaches through the attachments API, as Nova does; answers the attachment and how to reach the volume. */
  async attach(volumeId: string, initiator: string): Promise<{ id: string; info: ConnectionInfo }> {
    const { attachment } = await this.ask<{
      attachment: { id: string; connection_info: Record<string, unknown> };
    }>('POST', '/attachments', {
      attachment: { volume_uuid: volumeId, instance_uuid: INSTANCE, connector: connectorOf(initiator) },
    });
    await this.ask('POST', `/attachments/${attachment.id}/action`, { 'os-complete': {} });
    const { driver_volume_type, ...data } = attachment.connection_info;
    return { id: attachment.id, info: { driver_volume_type: String(driver_volume_type), data } };
  }

  async detach(attachmentId: string): Promise<void> {
    await this.ask('DELETE', `/attachments/${attachmentId}`);
  }

  /** Ends every attachment, reservation and volume, snapshots included, as soon as each allows it. */
  async removeAll(): Promise<void> {
    const list = async (kind: 'volumes' | 'attachments'): Promise<Seen[]> =>
      (await this.ask<Record<string, Seen[]>>('GET', `/${kind}`))[kind]!;
    await waitFor(
      async () => {
        const attachments = await list('attachments');
        for (const { id } of attachments) await this.detach(id);
        const volumes = await list('volumes');
        for (const { id } of volumes) {
          await this.request('POST', `/volumes/${id}/action`, { 'os-detach': {} });
          await this.request('DELETE', `/volumes/${id}?cascade=true`);
        }
        return volumes.length === 0;
      },
      { timeoutMs: WAIT_MS, describe: 'everything to be gone' },
    );
  }

  private nextUrl(): string {
    return this.shape.urls[this.turn++ % this.shape.urls.length]!;
  }
}
