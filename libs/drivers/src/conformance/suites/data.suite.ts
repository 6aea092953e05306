import type { Rig } from '../rig.js';

/** Bytes are the point: what was written is read, in the volume and in everything made of it. */
export function dataSuite(rig: () => Rig): void {
  describe('data', () => {
    it('of a deleted volume is not in a new one', async () => {
      const old = await rig().stamped();
      await rig().driver.deleteVolume(old, rig().options());
      const fresh = rig().newVolume();
      await rig().driver.createVolume(fresh, rig().options());
      await rig().checkEmpty(fresh);
    });

    it('is kept when a volume grows, and the new part is zeros', async () => {
      const volume = await rig().stamped();
      await rig().driver.extendVolume(volume, 3, rig().options());
      await rig().checkHolds({ ...volume, sizeGib: 3 }, volume);
    });

    it('is the same in a clone, and then goes its own way', async () => {
      const source = await rig().stamped();
      const clone = rig().newVolume(2);
      await rig().driver.cloneVolume(clone, source, rig().options());
      await rig().checkHolds(clone, source);

      await rig().restamp({ ...clone, sizeGib: 1 }, 'clone');
      await rig().checkHolds(source, source);
      await rig().driver.deleteVolume(source, rig().options());
      await rig().checkHolds(clone, source, 'clone');
    });

    it('of a snapshot stays while its volume is written, grows and goes', async () => {
      const volume = await rig().stamped();
      const snapshot = rig().newSnapshot(volume);
      await rig().driver.createSnapshot(snapshot, rig().options());

      await rig().restamp(volume, 'later');
      await rig().checkSnapshotHolds(snapshot, volume);
      await rig().checkHolds(volume, volume, 'later');
      await rig().driver.extendVolume(volume, 2, rig().options());
      await rig().checkSnapshotHolds(snapshot, volume);
      await rig().driver.deleteVolume({ ...volume, sizeGib: 2 }, rig().options());
      await rig().checkSnapshotHolds(snapshot, volume);
    });

    it('of a volume made of a snapshot stays when the snapshot goes', async () => {
      const volume = await rig().stamped();
      const snapshot = rig().newSnapshot(volume);
      await rig().driver.createSnapshot(snapshot, rig().options());
      const copy = rig().newVolume(2);
      await rig().driver.createVolumeFromSnapshot(copy, snapshot, rig().options());
      await rig().driver.deleteSnapshot(snapshot, rig().options());
      await rig().checkHolds(copy, volume);
    });

    it('is not touched when a create is called again', async () => {
      const volume = await rig().stamped();
      const other = await rig().stamped();
      await rig().driver.createVolume(volume, rig().options());
      await rig().driver.cloneVolume(volume, other, rig().options());
      await rig().checkHolds(volume, volume);
    });

    it('is kept over a restart', async () => {
      const volume = await rig().stamped();
      await rig().reopen();
      await rig().checkHolds(volume, volume);
    });
  });
}
