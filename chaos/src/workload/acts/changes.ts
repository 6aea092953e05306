import type { ModelVolume } from '../model.js';
import type { Tenant } from '../tenant.js';
import { isFile, isFree, type Act, type Ending } from './act.js';

const actionOf = (act: string, { id }: ModelVolume, body: object, operation?: string) => ({
  act,
  method: 'POST',
  path: `/volumes/${id}/action`,
  body,
  resourceId: id,
  ...(operation === undefined ? {} : { operation }),
});

/** Since microversion 3.66 volumes in use need no `force`. */
async function snapshot(tenant: Tenant, act: string, volume: ModelVolume): Promise<Ending> {
  const name = tenant.newName();
  const { body } = await tenant.change<{ snapshot: { id: string } }>({
    act,
    method: 'POST',
    path: '/snapshots',
    body: { snapshot: { volume_id: volume.id, name } },
    operation: 'snapshot.create',
  });
  const { id } = body.snapshot;
  const made = { id, name, size: volume.size, content: volume.content, wrecked: true };
  volume.snapshots.push(made);
  const status = await tenant.settled('snapshot', id);
  made.wrecked = status !== 'available';
  return [status, id];
}

/** Of the message that says why an extend was not done (Cinder's). */
const EXTEND_REFUSED = 'VOLUME_VOLUME_007_003';

/** Whether one more extend has ended for want of room: the volume is available again then, and as large as before. */
async function refusedOnceMore(tenant: Tenant, volume: ModelVolume): Promise<boolean> {
  const query = `resource_uuid=${volume.id}&event_id=${EXTEND_REFUSED}`;
  const { body } = await tenant.get<{ messages: unknown[] }>(`/messages?${query}`);
  const before = volume.extendsRefused;
  volume.extendsRefused = body.messages.length;
  return body.messages.length > before;
}

export const CHANGES: readonly Act[] = [
  {
    name: 'extend',
    weight: 2,
    fits: (volume) => !volume.wrecked && isFree(volume) && volume.size < 4,
    async run(tenant, volume) {
      const size = volume.size + 1;
      await tenant.change(actionOf('extend', volume, { 'os-extend': { new_size: size } }, 'volume.extend'));
      const status = await tenant.settled('volume', volume.id);
      volume.wrecked = status !== 'available';
      const grown = !volume.wrecked && !(await refusedOnceMore(tenant, volume));
      // The size that was asked for, not the one that is shown: an extend that was lost shall be found.
      if (grown) volume.size = size;
      return [grown || volume.wrecked ? status : 'no room, available', volume.id];
    },
  },
  {
    name: 'snapshot',
    weight: 3,
    fits: (volume) => isFile(volume) && isFree(volume) && volume.snapshots.length < 3,
    run: (tenant, volume) => snapshot(tenant, 'snapshot', volume),
  },
  {
    name: 'snapshot in use',
    weight: 1,
    fits: (volume) => isFile(volume) && !isFree(volume) && volume.snapshots.length < 3,
    run: (tenant, volume) => snapshot(tenant, 'snapshot in use', volume),
  },
  {
    name: 'upload',
    weight: 1,
    fits: (volume) => isFile(volume) && isFree(volume),
    async run(tenant, volume) {
      const image = { image_name: tenant.newName(), disk_format: 'qcow2', container_format: 'bare' };
      const { body } = await tenant.change<{ 'os-volume_upload_image': { image_id: string } }>(
        actionOf('upload', volume, { 'os-volume_upload_image': image }, 'volume.upload'),
      );
      const imageId = body['os-volume_upload_image'].image_id;
      if (volume.content) tenant.shelf.uploads.set(imageId, volume.content);
      const status = await tenant.settled('volume', volume.id);
      volume.wrecked = status !== 'available';
      return [status, `${volume.id} as image ${imageId}`];
    },
  },
  {
    name: 'metadata',
    weight: 1,
    fits: (volume) => !volume.wrecked,
    async run(tenant, volume) {
      const metadata = { [`key${Math.floor(tenant.chance.next() * 4)}`]: tenant.newName() };
      await tenant.change({
        act: 'metadata',
        method: 'POST',
        path: `/volumes/${volume.id}/metadata`,
        body: { metadata },
        event: 'volume.update',
        resourceId: volume.id,
      });
      Object.assign(volume.metadata, metadata);
      return ['done', volume.id];
    },
  },
  {
    name: 'reset status',
    weight: 1,
    fits: (volume) => !volume.wrecked && isFree(volume),
    async run(tenant, volume) {
      for (const status of ['error', 'available'])
        await tenant.change({
          ...actionOf('reset status', volume, { 'os-reset_status': { status } }),
          event: 'volume.reset_status',
        });
      return [await tenant.settled('volume', volume.id), volume.id];
    },
  },
];
