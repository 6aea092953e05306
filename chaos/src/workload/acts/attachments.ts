import { randomUUID } from 'node:crypto';
import type { ConnectionInfo } from '@scoria/exports';
import { Initiator } from '@scoria/exports/conformance';
import { writeCommands, type Content } from '../content.js';
import type { ModelVolume } from '../model.js';
import { Refused, type Tenant } from '../tenant.js';
import { isFile, isFree, type Act, type Ending } from './act.js';

export const INITIATOR = 'iqn.1993-08.org.debian:01:chaos';
export const CONNECTOR = { host: 'chaos', initiator: INITIATOR, platform: 'x86_64', os_type: 'linux' };

/** Tries of a write: the target daemon may be killed under it. */
const WRITE_TRIES = 4;

interface Attachment {
  id: string;
  connection_info?: Record<string, unknown>;
}

export const connectionOf = ({ connection_info: info = {} }: Attachment): ConnectionInfo => {
  const { driver_volume_type: type, ...data } = info;
  return { driver_volume_type: String(type), data };
};

/** Reserves, connects and completes: in two steps as Nova does, or in one. */
async function attach(tenant: Tenant, act: string, volume: ModelVolume, steps: 1 | 2): Promise<Attachment> {
  const asked = { volume_uuid: volume.id, instance_uuid: randomUUID() };
  const connecting = { operation: 'attachment.connect' };
  const begun = await tenant.change<{ attachment: Attachment }>({
    act,
    method: 'POST',
    path: '/attachments',
    body: { attachment: { ...asked, ...(steps === 1 ? { connector: CONNECTOR } : {}) } },
    ...(steps === 1 ? connecting : {}),
  });
  const { id } = begun.body.attachment;
  volume.attachment = id;
  const connected =
    steps === 1
      ? begun
      : await tenant.change<{ attachment: Attachment }>({
          act,
          method: 'PUT',
          path: `/attachments/${id}`,
          body: { attachment: { connector: CONNECTOR } },
          resourceId: id,
          ...connecting,
        });
  await tenant.change({
    act,
    method: 'POST',
    path: `/attachments/${id}/action`,
    body: { 'os-complete': null },
    event: 'attachment.attach',
    resourceId: id,
  });
  return connected.body.attachment;
}

async function detach(tenant: Tenant, act: string, volume: ModelVolume): Promise<string> {
  await tenant.change({
    act,
    method: 'DELETE',
    path: `/attachments/${volume.attachment}`,
    operation: 'attachment.disconnect',
    resourceId: volume.attachment!,
  });
  const status = await tenant.settled('volume', volume.id);
  if (status === 'available') volume.attachment = undefined;
  else volume.wrecked = true;
  return status;
}

/** An attachment that failed stays until it is removed: by those that the volume still has. */
async function cleanUp(tenant: Tenant, act: string, volume: ModelVolume): Promise<void> {
  const { body } = await tenant.get<{ attachments: { id: string }[] }>(`/attachments?volume_id=${volume.id}`);
  for (const { id } of body.attachments) {
    volume.attachment = id;
    await detach(tenant, act, volume);
  }
  volume.attachment = undefined;
}

/** Attaches, or says why not and leaves nothing behind. */
async function attached(
  tenant: Tenant,
  act: string,
  volume: ModelVolume,
  steps: 1 | 2,
): Promise<Attachment | Ending> {
  try {
    return await attach(tenant, act, volume, steps);
  } catch (error) {
    if (!(error instanceof Refused) || error.answer.status !== 500) throw error;
    await cleanUp(tenant, act, volume);
    return ['not attached', `${volume.id}: ${error.message}`];
  }
}

const isEnding = (value: Attachment | Ending): value is Ending => Array.isArray(value);

async function write(info: ConnectionInfo, content: Content): Promise<string | undefined> {
  let reason: string | undefined;
  for (let tries = 0; tries < WRITE_TRIES; tries++) {
    try {
      await new Initiator(info, { name: INITIATOR }).io(...writeCommands(content));
      return undefined;
    } catch (error) {
      reason = String(error).slice(0, 300);
    }
  }
  return reason;
}

export const ATTACHMENTS: readonly Act[] = [
  {
    name: 'write',
    weight: 4,
    fits: (volume) => isFile(volume) && isFree(volume),
    async run(tenant, volume) {
      const before = volume.content;
      const byte = (old: number): number =>
        tenant.chance.chance(0.6) ? 1 + Math.floor(tenant.chance.next() * 255) : old;
      const content = (before ?? [1, 1, 1]).map(byte) as unknown as Content;
      volume.content = undefined;
      const attachment = await attached(tenant, 'write', volume, 1);
      if (isEnding(attachment)) {
        volume.content = before;
        return attachment;
      }
      const failure = await write(connectionOf(attachment), content);
      if (failure === undefined) volume.content = content;
      const status = await detach(tenant, 'write', volume);
      return [failure === undefined ? status : `not written, ${status}`, `${volume.id} ${failure ?? ''}`];
    },
  },
  ...([1, 2] as const).map((steps): Act => ({
    name: steps === 1 ? 'attach' : 'reserve, then attach',
    weight: 1,
    fits: (volume) => isFile(volume) && isFree(volume),
    async run(tenant, volume) {
      const name = steps === 1 ? 'attach' : 'reserve, then attach';
      const attachment = await attached(tenant, name, volume, steps);
      return isEnding(attachment) ? attachment : ['in-use', `${attachment.id} of ${volume.id}`];
    },
  })),
  {
    name: 'detach',
    weight: 3,
    fits: (volume) => !isFree(volume),
    async run(tenant, volume) {
      const { attachment } = volume;
      return [await detach(tenant, 'detach', volume), `${attachment} of ${volume.id}`];
    },
  },
];
