import type { StoragePlan } from '../conformance-storage.js';
import { Rig } from '../rig.js';

/**
 * `node busy-service.js PLAN VOLUME_JSON`: serves the storage and works on it without end, four operations at a time, until
 * it is killed. Prints a line after each operation. All that it makes is made of the one volume given.
 */
const [plan, volume] = process.argv.slice(2);
const rig = new Rig(JSON.parse(plan!) as StoragePlan);
const base = JSON.parse(volume!) as ReturnType<Rig['newVolume']>;
await rig.open();
process.stdout.write('serving\n');

async function work(): Promise<never> {
  const { driver } = rig;
  for (;;) {
    const clone = rig.newVolume();
    const larger = { ...clone, sizeGib: 2 };
    const copy = rig.newVolume(2);
    const snapshot = rig.newSnapshot(base);
    const steps = [
      () => driver.cloneVolume(clone, base, rig.options()),
      () => driver.createSnapshot(snapshot, rig.options()),
      () => driver.extendVolume(clone, 2, rig.options()),
      () => driver.createVolumeFromSnapshot(copy, snapshot, rig.options()),
      () => driver.deleteVolume(larger, rig.options()),
      () => driver.deleteSnapshot(snapshot, rig.options()),
      () => driver.deleteVolume(copy, rig.options()),
    ];
    for (const step of steps) {
      await step();
      process.stdout.write('.\n');
    }
  }
}

await Promise.all([work(), work(), work(), work()]);
