import type { InventoryItem } from '../driver-objects.js';
import type { DriverPoolStats } from '../driver-pool-stats.js';
import { toGib } from '../gib.js';
import type { ContentMode } from './file-content.js';
import type { FilePool } from './file-pool.js';

/** Measures a pool: the file system's word on space, and the sizes of the files that are there. */
export async function measurePool(pool: FilePool, mode: ContentMode): Promise<DriverPoolStats> {
  const [space, items] = await Promise.all([pool.space(), pool.inventory()]);
  const snapshotsClaimCapacity = !mode.reflink;
  const claiming = items.filter((item) => item.kind !== 'snapshot' || snapshotsClaimCapacity);
  return {
    poolName: pool.name,
    totalCapacityGib: toGib(space.total),
    freeCapacityGib: toGib(space.free),
    provisionedCapacityGib: sumGib(claiming),
    ownCapacityGib: sumGib(claiming.filter((item) => item.kind !== 'unknown')),
    thinProvisioningSupport: !mode.preallocate,
    thickProvisioningSupport: mode.preallocate,
    multiattach: true,
    onlineExtendSupport: true,
    snapshotsClaimCapacity,
    extra: { reflink: mode.reflink },
  };
}

/** Rounded up to two decimals, so that foreign files smaller than that still count. */
const sumGib = (items: readonly InventoryItem[]): number =>
  Math.ceil(items.reduce((sum, item) => sum + item.sizeGib, 0) * 100) / 100;
