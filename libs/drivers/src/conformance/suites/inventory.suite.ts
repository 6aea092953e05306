import type { ConformanceStorage } from '../conformance-storage.js';
import type { Rig } from '../rig.js';

/** Reconciling compares rows with this list: it must show all that is there, and nothing else. */
export function inventorySuite(rig: () => Rig, storage: () => ConformanceStorage): void {
  describe('inventory', () => {
    it('lists volumes and snapshots with id, pool, size and time', async () => {
      const volume = await rig().stamped(2);
      const snapshot = rig().newSnapshot(volume);
      await rig().driver.createSnapshot(snapshot, rig().options());
      const { id, name, pool } = volume;
      const { modifiedAt, ...item } = (await rig().find(name))!;
      expect(item).toEqual({ kind: 'volume', id, name, pool, sizeGib: 2 });
      expect(modifiedAt.getTime()).toBeGreaterThan(0);
      expect(await rig().find(snapshot.name)).toMatchObject({
        kind: 'snapshot',
        id: snapshot.id,
        sizeGib: 2,
        pool,
      });
      await rig().driver.deleteSnapshot(snapshot, rig().options());
      expect(await rig().find(snapshot.name)).toBeUndefined();
    });

    it('reports what is unknown, which nothing destroys', async () => {
      const { addForeign } = storage();
      if (!addForeign) return console.warn('SKIPPED: this storage cannot hold what is not ours');
      const name = await addForeign();
      await rig().reopen();
      await rig().clear();
      const item = (await rig().find(name))!;
      expect(item).toMatchObject({ kind: 'unknown', name });
      expect(item.id).toBeUndefined();
    });
  });
}
