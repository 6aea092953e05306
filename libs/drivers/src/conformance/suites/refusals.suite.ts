import type { Rig } from '../rig.js';

/** What no repetition mends is refused with a Fault that says so, and changes nothing. */
export function refusalsSuite(rig: () => Rig): void {
  describe('what cannot be done is refused', () => {
    it('a volume that exists otherwise than asked', async () => {
      const volume = await rig().stamped();
      const larger = { ...volume, sizeGib: 2 };
      await expect(rig().driver.createVolume(larger, rig().options())).rejects.toMatchObject({
        kind: 'conflict',
      });
      await rig().checkHolds(volume, volume);
    });

    it('shrinking', async () => {
      const volume = await rig().stamped(2);
      await expect(rig().driver.extendVolume(volume, 1, rig().options())).rejects.toMatchObject({
        kind: 'conflict',
      });
      await rig().checkHolds(volume, volume);
    });

    it('a source that is not there', async () => {
      const absent = rig().newVolume();
      const snapshot = rig().newSnapshot(absent);
      const { driver } = rig();
      const before = await rig().listing();
      const notFound = { kind: 'notFound' };
      await expect(driver.createSnapshot(snapshot, rig().options())).rejects.toMatchObject(notFound);
      await expect(driver.cloneVolume(rig().newVolume(), absent, rig().options())).rejects.toMatchObject(
        notFound,
      );
      await expect(
        driver.createVolumeFromSnapshot(rig().newVolume(), snapshot, rig().options()),
      ).rejects.toMatchObject(notFound);
      await expect(driver.extendVolume(absent, 2, rig().options())).rejects.toMatchObject(notFound);
      await expect(driver.device(absent)).rejects.toMatchObject(notFound);
      expect(await rig().listing()).toEqual(before);
    });

    it('a copy smaller than its source', async () => {
      const source = await rig().stamped(2);
      const small = rig().newVolume(1);
      await expect(rig().driver.cloneVolume(small, source, rig().options())).rejects.toMatchObject({
        kind: 'badRequest',
      });
      expect(await rig().find(small.name)).toBeUndefined();
    });

    it('names that lead elsewhere', async () => {
      const before = await rig().listing();
      for (const name of ['../volume', 'volume-../../x', 'volume-1', '', '/etc/passwd']) {
        const hostile = { ...rig().newVolume(), name };
        await expect(rig().driver.createVolume(hostile, rig().options())).rejects.toThrow();
        await expect(rig().driver.deleteVolume(hostile, rig().options())).rejects.toThrow();
      }
      expect(await rig().listing()).toEqual(before);
    });

    it('whatever was aborted before, and it leaves nothing', async () => {
      const source = await rig().stamped();
      const before = await rig().listing();
      const aborted = rig().options(AbortSignal.abort());
      const { driver } = rig();
      await expect(driver.createVolume(rig().newVolume(), aborted)).rejects.toThrow();
      await expect(driver.cloneVolume(rig().newVolume(), source, aborted)).rejects.toThrow();
      await expect(driver.createSnapshot(rig().newSnapshot(source), aborted)).rejects.toThrow();
      await expect(driver.extendVolume(source, 2, aborted)).rejects.toThrow();
      expect(await rig().listing()).toEqual(before);
    });
  });
}
