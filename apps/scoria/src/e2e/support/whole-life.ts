import type { User } from './user.js';

const CLIENT = 'iqn.1993-08.org.debian:01:client';

/**
 * One of everything that a tenant does, each waited for, and everything gone in the end: each kind of operation takes its
 * way through gateway, scheduler and storage host.
 *
 * @param image a name in the image service, of a disk of at most 1 GiB
 */
export async function wholeLife(user: User, image: string): Promise<void> {
  const empty = await user.volume({ name: 'empty' });
  const written = await user.volume({ name: 'written', imageRef: image });
  const snapshot = await user.snapshot(written, 'point');
  const restored = await user.volume({ name: 'restored', size: 2, snapshot_id: snapshot });
  const clone = await user.volume({ name: 'clone', source_volid: written });
  await user.act(empty, 'os-extend', { new_size: 2 });
  await user.settled('volumes', empty);
  const { id: attachment } = await user.attach(clone, CLIENT);
  await user.detach(attachment);
  await user.settled('volumes', clone);
  const { 'os-volume_upload_image': made } = await user.act<Record<string, { image_id: string }>>(
    restored,
    'os-volume_upload_image',
    { image_name: 'made', disk_format: 'qcow2', container_format: 'bare' },
  );
  await user.settled('volumes', restored);
  const again = await user.volume({ name: 'again', size: 2, imageRef: made!.image_id });
  await user.ask('DELETE', `/snapshots/${snapshot}`);
  await user.gone('snapshots', snapshot);
  for (const id of [empty, written, restored, clone, again]) await user.ask('DELETE', `/volumes/${id}`);
  for (const id of [empty, written, restored, clone, again]) await user.gone('volumes', id);
}
