import { strict as assert } from 'node:assert';
import type { DriverSnapshot, DriverVolume } from '../../driver-objects.js';
import type { Rig } from '../rig.js';

/** What every scenario starts with, and must still find in the end. */
export interface World {
  rig: Rig;
  /** 1 GiB, stamped. */
  base: DriverVolume;
  /** Of `base`. */
  snapshot: DriverSnapshot;
}

/** One operation that is cut short. */
export interface Scenario {
  /** Freezing it here would keep the lock, which a death gives back. */
  failOnly?: true;
  /** Makes what is operated on; new for each cut. */
  prepare(world: World): Promise<Subject>;
  act(world: World, subject: Subject): Promise<void>;
  /** After a cut: the subject is as before or as asked, never in between. */
  afterCut?(world: World, subject: Subject): Promise<void>;
  /** After the operation ran again. */
  afterwards(world: World, subject: Subject): Promise<void>;
}

export interface Subject {
  volume: DriverVolume;
  snapshot: DriverSnapshot;
}

const nothing = async ({ rig, base }: World): Promise<Subject> => ({
  volume: rig.newVolume(2),
  snapshot: rig.newSnapshot(base),
});

const both = async (world: World): Promise<Subject> => {
  const subject = await nothing(world);
  const { rig, base } = world;
  await rig.driver.cloneVolume({ ...subject.volume, sizeGib: 1 }, base, rig.options());
  await rig.driver.createSnapshot(subject.snapshot, rig.options());
  return subject;
};

/** A volume that has its name has its whole size and content. */
const absentOrWhole =
  (check: (world: World, subject: Subject) => Promise<void>, kind: keyof Subject) =>
  async (world: World, subject: Subject): Promise<void> => {
    if (await world.rig.find(subject[kind].name)) await check(world, subject);
  };

const holdsBase = ({ rig, base }: World, { volume }: Subject): Promise<void> => rig.checkHolds(volume, base);
const isEmpty = ({ rig }: World, { volume }: Subject): Promise<void> => rig.checkEmpty(volume);
const snapshotHoldsBase = ({ rig, base }: World, { snapshot }: Subject): Promise<void> =>
  rig.checkSnapshotHolds(snapshot, base);

const isGone =
  (kind: keyof Subject) =>
  async ({ rig }: World, subject: Subject): Promise<void> =>
    assert.equal(await rig.find(subject[kind].name), undefined, `${subject[kind].name} is still there`);

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  createVolume: {
    prepare: nothing,
    act: ({ rig }, { volume }) => rig.driver.createVolume(volume, rig.options()),
    afterCut: absentOrWhole(isEmpty, 'volume'),
    afterwards: isEmpty,
  },
  createVolumeFromSnapshot: {
    prepare: nothing,
    act: ({ rig, snapshot }, { volume }) =>
      rig.driver.createVolumeFromSnapshot(volume, snapshot, rig.resumable(volume.name)),
    afterCut: absentOrWhole(holdsBase, 'volume'),
    afterwards: holdsBase,
  },
  cloneVolume: {
    prepare: nothing,
    act: ({ rig, base }, { volume }) => rig.driver.cloneVolume(volume, base, rig.resumable(volume.name)),
    afterCut: absentOrWhole(holdsBase, 'volume'),
    afterwards: holdsBase,
  },
  extendVolume: {
    prepare: both,
    act: ({ rig }, { volume }) => rig.driver.extendVolume(volume, 2, rig.options()),
    afterwards: holdsBase,
  },
  deleteVolume: {
    prepare: both,
    act: ({ rig }, { volume }) => rig.driver.deleteVolume(volume, rig.options()),
    afterwards: isGone('volume'),
  },
  createSnapshot: {
    prepare: nothing,
    act: ({ rig }, { snapshot }) => rig.driver.createSnapshot(snapshot, rig.resumable(snapshot.name)),
    afterCut: absentOrWhole(snapshotHoldsBase, 'snapshot'),
    afterwards: snapshotHoldsBase,
  },
  deleteSnapshot: {
    prepare: both,
    act: ({ rig }, { snapshot }) => rig.driver.deleteSnapshot(snapshot, rig.options()),
    afterwards: isGone('snapshot'),
  },
  setup: {
    failOnly: true,
    prepare: both,
    act: ({ rig }) => rig.reopen(),
    afterwards: async ({ rig, base }, { volume }) => rig.checkHolds({ ...volume, sizeGib: 1 }, base),
  },
};
