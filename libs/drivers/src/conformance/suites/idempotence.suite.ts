import type { Rig } from '../rig.js';

/** Every method twice: the second call finds the work done, and neither fails nor does it again. */
export function idempotenceSuite(rig: () => Rig): void {
  describe('a call whose answer was lost is called again', () => {
    const twice = async (action: () => Promise<void>): Promise<void> => {
      await action();
      await action();
    };

    it('and everything succeeds twice', async () => {
      const { driver } = rig();
      const options = rig().options();
      const volume = rig().newVolume();
      const snapshot = rig().newSnapshot(volume);
      const copy = rig().newVolume(2);
      const clone = rig().newVolume(2);

      await twice(() => driver.createVolume(volume, options));
      await twice(() => driver.createSnapshot(snapshot, options));
      await twice(() => driver.createVolumeFromSnapshot(copy, snapshot, options));
      await twice(() => driver.cloneVolume(clone, volume, options));
      await twice(() => driver.extendVolume(clone, 3, options));
      await twice(() => driver.deleteSnapshot(snapshot, options));
      for (const gone of [volume, copy, { ...clone, sizeGib: 3 }]) {
        await twice(() => driver.deleteVolume(gone, options));
      }
    });

    it('and what was never made is deleted with success', async () => {
      const volume = rig().newVolume();
      await rig().driver.deleteVolume(volume, rig().options());
      await rig().driver.deleteSnapshot(rig().newSnapshot(volume), rig().options());
    });
  });
}
