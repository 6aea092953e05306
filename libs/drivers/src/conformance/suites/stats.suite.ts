import { open } from 'node:fs/promises';
import type { DriverPoolStats } from '../../driver-pool-stats.js';
import { GIB } from '../../gib.js';
import type { ConformanceStorage } from '../conformance-storage.js';
import type { Rig } from '../rig.js';
import { waitUntil } from '../wait-until.js';

const WRITTEN_MIB = 64;

/** Placement trusts these figures: they must move with what happens, by as much, and back. */
export function statsSuite(rig: () => Rig, storage: () => ConformanceStorage): void {
  describe('stats', () => {
    const stats = async (): Promise<DriverPoolStats> => (await rig().driver.pools())[0]!;

    it('count nominal sizes, and snapshots where they claim space', async () => {
      const { driver } = rig();
      const options = rig().options();
      const before = await stats();
      const volume = rig().newVolume(2);
      await driver.createVolume(volume, options);
      await driver.extendVolume(volume, 3, options);
      const larger = { ...volume, sizeGib: 3 };
      const snapshot = rig().newSnapshot(larger);
      await driver.createSnapshot(snapshot, options);

      const grown = await stats();
      const claimed = 3 + (grown.snapshotsClaimCapacity ? 3 : 0);
      expect(grown.provisionedCapacityGib - before.provisionedCapacityGib).toBeCloseTo(claimed, 1);
      expect(grown.ownCapacityGib - before.ownCapacityGib).toBeCloseTo(claimed, 1);

      await driver.deleteSnapshot(snapshot, options);
      await driver.deleteVolume(larger, options);
      const after = await stats();
      expect(after.provisionedCapacityGib).toBe(before.provisionedCapacityGib);
      expect(after.ownCapacityGib).toBe(before.ownCapacityGib);
    });

    it('are numbers that agree with each other', async () => {
      for (const pool of await rig().driver.pools()) {
        expect(pool.thinProvisioningSupport || pool.thickProvisioningSupport).toBe(true);
        expect(pool.ownCapacityGib).toBeLessThanOrEqual(pool.provisionedCapacityGib);
        if (typeof pool.totalCapacityGib !== 'number' || typeof pool.freeCapacityGib !== 'number') continue;
        expect(pool.freeCapacityGib).toBeGreaterThanOrEqual(0);
        expect(pool.freeCapacityGib).toBeLessThanOrEqual(pool.totalCapacityGib);
      }
    });

    it('tell physical space that writes take and deletes give back', async () => {
      if (!storage().exclusive) return console.warn('SKIPPED: others write to this storage too');
      const free = async (): Promise<number> => (await stats()).freeCapacityGib as number;
      const before = await free();
      const volume = await rig().stamped();
      await fill(await rig().path(volume));
      const taken = before - (await free());
      const [least, most] = (await stats()).thinProvisioningSupport
        ? [WRITTEN_MIB, 2 * WRITTEN_MIB]
        : [1024, 1200];
      // Figures have two decimals of a GiB: they may be off by 20 MiB.
      expect(taken * 1024).toBeGreaterThan(least - 21);
      expect(taken * 1024).toBeLessThan(most + 21);
      await rig().driver.deleteVolume(volume, rig().options());
      // File systems may free in the background, as XFS does.
      await waitUntil('the space is free again', async () => (await free()) > before - 0.02);
    });

    it('are the same after a restart', async () => {
      const volume = await rig().stamped();
      const { provisionedCapacityGib, ownCapacityGib } = await stats();
      await rig().reopen();
      expect(await stats()).toMatchObject({ provisionedCapacityGib, ownCapacityGib });
      await rig().driver.deleteVolume(volume, rig().options());
    });

    it('count what is not ours as provisioned, not as ours', async () => {
      const { addForeign } = storage();
      if (!addForeign) return console.warn('SKIPPED: this storage cannot hold what is not ours');
      const before = await stats();
      await addForeign();
      const after = await stats();
      expect(after.provisionedCapacityGib - before.provisionedCapacityGib).toBeCloseTo(1, 1);
      expect(after.ownCapacityGib).toBe(before.ownCapacityGib);
    });
  });
}

async function fill(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.write(Buffer.alloc(WRITTEN_MIB * 2 ** 20, 0x5a), 0, WRITTEN_MIB * 2 ** 20, GIB / 8);
    await file.sync();
  } finally {
    await file.close();
  }
}
