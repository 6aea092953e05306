import type { ModelVolume } from '../model.js';
import type { Tenant } from '../tenant.js';
import { isBare, isFree, type Act, type Ending } from './act.js';

async function removed(tenant: Tenant, volume: ModelVolume): Promise<Ending> {
  const status = await tenant.settled('volume', volume.id);
  if (status === 'gone') tenant.shelf.remove(volume);
  else volume.wrecked = true;
  return [status, volume.id];
}

async function remove(tenant: Tenant, act: string, volume: ModelVolume, query = ''): Promise<Ending> {
  await tenant.change({
    act,
    method: 'DELETE',
    path: `/volumes/${volume.id}${query}`,
    operation: 'volume.delete',
    resourceId: volume.id,
  });
  return removed(tenant, volume);
}

export const ENDINGS: readonly Act[] = [
  {
    name: 'delete',
    weight: 3,
    fits: isBare,
    run: (tenant, volume) => remove(tenant, 'delete', volume),
  },
  {
    name: 'delete what failed',
    weight: 6,
    fits: (volume) => volume.wrecked && isFree(volume),
    run: (tenant, volume) => remove(tenant, 'delete what failed', volume, '?cascade=true'),
  },
  {
    name: 'delete cascade',
    weight: 1,
    fits: (volume) => isFree(volume) && volume.snapshots.length > 0,
    run: (tenant, volume) => remove(tenant, 'delete cascade', volume, '?cascade=true'),
  },
  {
    name: 'force delete',
    weight: 1,
    fits: isBare,
    async run(tenant, volume) {
      await tenant.change({
        act: 'force delete',
        method: 'POST',
        path: `/volumes/${volume.id}/action`,
        body: { 'os-force_delete': {} },
        operation: 'volume.delete',
        resourceId: volume.id,
      });
      return removed(tenant, volume);
    },
  },
  {
    name: 'delete snapshot',
    weight: 2,
    fits: (volume) => isFree(volume) && volume.snapshots.length > 0,
    async run(tenant, volume) {
      const snapshot = tenant.chance.pick(volume.snapshots);
      await tenant.change({
        act: 'delete snapshot',
        method: 'DELETE',
        path: `/snapshots/${snapshot.id}`,
        operation: 'snapshot.delete',
        resourceId: snapshot.id,
      });
      const status = await tenant.settled('snapshot', snapshot.id);
      if (status === 'gone') volume.snapshots.splice(volume.snapshots.indexOf(snapshot), 1);
      else snapshot.wrecked = true;
      return [status, snapshot.id];
    },
  },
];
