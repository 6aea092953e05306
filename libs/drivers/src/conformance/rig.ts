import { strict as assert } from 'node:assert';
import { randomUUID } from 'node:crypto';
import { CommandRunner } from '@scoria/commands';
import { snapshotName, volumeName } from '@scoria/domain';
import type { DriverFactory, DriverLogger } from '../driver-factory.js';
import type { DriverSnapshot, DriverVolume, InventoryItem } from '../driver-objects.js';
import type { Driver, StepOptions } from '../driver.js';
import { GIB } from '../gib.js';
import { loadDriver } from '../load-driver.js';
import type { StoragePlan } from './conformance-storage.js';
import { checkStamp, checkZeros, deviceSize, stamp } from './device-data.js';
import { Notebook } from './notebook.js';

export const BACKEND = 'conformance';

const SILENT: DriverLogger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** A driver at work on the storage that is tried, and what tests do with it. */
export class Rig {
  /** A new one after each `reopen()`, as after a restart of the service. */
  driver!: Driver;
  private poolName = '';
  private readonly notebooks = new Map<string, Notebook>();

  constructor(
    private readonly plan: StoragePlan,
    private readonly makeRunner: () => CommandRunner = () => new CommandRunner({ owner: ownerOf(plan) }),
  ) {}

  /** A driver that is not set up yet. */
  async make(logger: DriverLogger = SILENT): Promise<Driver> {
    const { driver, options, stateDir } = this.plan;
    const factory = await importFactory(driver);
    const commands = this.makeRunner();
    return factory.create({ backendName: BACKEND, options, commands, stateDir, logger });
  }

  async open(): Promise<void> {
    this.driver = await this.make();
    await this.driver.setup();
    this.poolName = (await this.driver.pools())[0]!.poolName;
  }

  async reopen(): Promise<void> {
    await this.driver.close();
    await this.open();
  }

  options(signal: AbortSignal = new AbortController().signal): StepOptions {
    return { signal };
  }

  /** The same with checkpoints, which a later call for the same name goes on from; over a restart, too. */
  resumable(name: string): StepOptions {
    const checkpoints = this.notebooks.get(name) ?? new Notebook();
    this.notebooks.set(name, checkpoints);
    return { ...this.options(), checkpoints };
  }

  newVolume(sizeGib = 1): DriverVolume {
    const id = randomUUID();
    return { id, name: volumeName(id), sizeGib, pool: this.poolName };
  }

  newSnapshot(of: DriverVolume): DriverSnapshot {
    const id = randomUUID();
    const { name: volumeName, id: volumeId, sizeGib, pool } = of;
    return { id, name: snapshotName(id), volumeId, volumeName, sizeGib, pool };
  }

  /** Makes a volume and stamps it with its own id. */
  async stamped(sizeGib = 1): Promise<DriverVolume> {
    const volume = this.newVolume(sizeGib);
    await this.driver.createVolume(volume, this.options());
    await this.restamp(volume, volume.id);
    return volume;
  }

  async restamp(volume: DriverVolume, seed: string): Promise<void> {
    await stamp(await this.path(volume), seed, volume.sizeGib * GIB);
  }

  /** Fails unless the volume has its size, and holds `source` followed by zeros. */
  async checkHolds(volume: DriverVolume, source: DriverVolume, seed = source.id): Promise<void> {
    const path = await this.path(volume);
    assert.equal(await deviceSize(path), volume.sizeGib * GIB, `${volume.name} has another size`);
    await checkStamp(path, seed, source.sizeGib * GIB);
    if (volume.sizeGib > source.sizeGib) {
      await checkZeros(path, source.sizeGib * GIB, volume.sizeGib * GIB);
    }
  }

  /** Fails unless the volume has its size and reads as zeros. */
  async checkEmpty(volume: DriverVolume): Promise<void> {
    const path = await this.path(volume);
    assert.equal(await deviceSize(path), volume.sizeGib * GIB, `${volume.name} has another size`);
    await checkZeros(path, 0, volume.sizeGib * GIB);
  }

  /** Fails unless a volume made of the snapshot holds `source`. */
  async checkSnapshotHolds(snapshot: DriverSnapshot, source: DriverVolume, seed = source.id): Promise<void> {
    const copy = this.newVolume(snapshot.sizeGib);
    await this.driver.createVolumeFromSnapshot(copy, snapshot, this.options());
    await this.checkHolds(copy, source, seed);
    await this.driver.deleteVolume(copy, this.options());
  }

  async path(volume: DriverVolume): Promise<string> {
    const device = await this.driver.device(volume);
    assert.ok(device, `${volume.name} has no device`);
    return device.path;
  }

  async find(name: string): Promise<InventoryItem | undefined> {
    return (await this.driver.inventory()).find((item) => item.name === name);
  }

  /** What is on the storage, as sorted lines that a failed test shows well. */
  async listing(): Promise<string[]> {
    return (await this.driver.inventory())
      .map(({ kind, name, sizeGib, pool }) => `${pool}/${name} ${kind} ${sizeGib} GiB`)
      .sort();
  }

  /** Deletes all volumes and snapshots. */
  async clear(): Promise<void> {
    for (const { kind, name, sizeGib, pool, id = '' } of await this.driver.inventory()) {
      const known = { id, name, sizeGib, pool };
      if (kind === 'volume') await this.driver.deleteVolume(known, this.options());
      if (kind === 'snapshot') {
        await this.driver.deleteSnapshot({ ...known, volumeId: '', volumeName: '' }, this.options());
      }
    }
  }
}

/** Two storages at the same time are two owners, or each would kill the other's commands. */
export const ownerOf = (plan: StoragePlan): string => `conformance@${plan.stateDir}`;

async function importFactory(driver: string): Promise<DriverFactory> {
  if (!driver.startsWith('file:')) return loadDriver(driver);
  return ((await import(driver)) as { default: DriverFactory }).default;
}
