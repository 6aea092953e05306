import type { Rig } from '../rig.js';

const MANY = 8;
const times = <T>(make: () => T): T[] => Array.from({ length: MANY }, make);

/** Operations on one backend run side by side; the engine keeps apart only those on the same volume. */
export function concurrencySuite(rig: () => Rig): void {
  describe(`${MANY} at a time`, () => {
    it('creates, clones, snapshots, and deletes', async () => {
      const { driver } = rig();
      const options = rig().options();
      const before = await rig().listing();
      const source = await rig().stamped();
      const created = times(() => rig().newVolume());
      const clones = times(() => rig().newVolume(2));
      const snapshots = times(() => rig().newSnapshot(source));

      await Promise.all([
        ...created.map((volume) => driver.createVolume(volume, options)),
        ...clones.map((volume) => driver.cloneVolume(volume, source, options)),
        ...snapshots.map((snapshot) => driver.createSnapshot(snapshot, options)),
      ]);
      for (const volume of created) await rig().checkEmpty(volume);
      for (const volume of clones) await rig().checkHolds(volume, source);
      await rig().checkSnapshotHolds(snapshots[MANY - 1]!, source);

      await Promise.all([
        ...[source, ...created, ...clones].map((volume) => driver.deleteVolume(volume, options)),
        ...snapshots.map((snapshot) => driver.deleteSnapshot(snapshot, options)),
      ]);
      expect(await rig().listing()).toEqual(before);
    });

    it('of the very same create make one volume, whose data nobody replaces', async () => {
      const source = await rig().stamped();
      const clone = rig().newVolume();
      const attempts = times(() => rig().driver.cloneVolume(clone, source, rig().options()));
      await Promise.any(attempts);
      await rig().restamp(clone, 'written early');
      await Promise.all(attempts);
      await rig().checkHolds(clone, clone, 'written early');
    });

    it('extends of one volume never cut off what another one added', async () => {
      const volume = await rig().stamped();
      const sizes = [2, 5, 3, 4, 2, 5, 3, 4];
      const results = await Promise.allSettled(
        sizes.map((sizeGib) => rig().driver.extendVolume(volume, sizeGib, rig().options())),
      );
      expect(results.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0);
      await rig().checkHolds({ ...volume, sizeGib: 5 }, volume);
    });

    it('deletes of the same volume all succeed', async () => {
      const volume = await rig().stamped();
      await Promise.all(times(() => rig().driver.deleteVolume(volume, rig().options())));
      expect(await rig().find(volume.name)).toBeUndefined();
    });
  });
}
