import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '@scoria/domain';
import type { DriverContext } from '../driver-factory.js';
import type { InventoryItem, LocalDevice } from '../driver-objects.js';
import type { DriverPoolStats } from '../driver-pool-stats.js';
import type { Driver, StepOptions } from '../driver.js';
import { readOptions } from '../read-options.js';
import { NullOptions } from './null-options.js';

/**
 * Stores nothing and says so: every operation succeeds and leaves no trace. For measurements of everything but
 * storage, and for tests that want slow or failing storage.
 */
export class NullDriver implements Driver {
  readonly name = 'null';
  readonly version = '1.0.0';
  readonly vendorName = 'Scoria';
  readonly hasInventory = false;

  private readonly options: NullOptions;
  private readonly poolNames: string[];
  private operations = 0;

  constructor(context: DriverContext) {
    this.options = readOptions(NullOptions, context);
    const { pools } = this.options;
    this.poolNames =
      pools === 1 ? [context.backendName] : Array.from({ length: pools }, (_, index) => `pool-${index + 1}`);
  }

  async setup(): Promise<void> {}
  async close(): Promise<void> {}

  async pools(): Promise<DriverPoolStats[]> {
    const { totalCapacityGib } = this.options;
    return this.poolNames.map((poolName) => ({
      poolName,
      totalCapacityGib,
      freeCapacityGib: totalCapacityGib,
      provisionedCapacityGib: 0,
      ownCapacityGib: 0,
      thinProvisioningSupport: true,
      thickProvisioningSupport: false,
      multiattach: true,
      onlineExtendSupport: true,
      snapshotsClaimCapacity: false,
      extra: { storesNothing: true },
    }));
  }

  async inventory(): Promise<InventoryItem[]> {
    return [];
  }

  async device(): Promise<LocalDevice | undefined> {
    return undefined;
  }

  createVolume = (_volume: unknown, options: StepOptions): Promise<void> => this.pretend(options);
  createVolumeFromSnapshot = (_volume: unknown, _snapshot: unknown, options: StepOptions): Promise<void> =>
    this.pretend(options);
  cloneVolume = (_volume: unknown, _source: unknown, options: StepOptions): Promise<void> =>
    this.pretend(options);
  extendVolume = (_volume: unknown, _newSizeGib: number, options: StepOptions): Promise<void> =>
    this.pretend(options);
  deleteVolume = (_volume: unknown, options: StepOptions): Promise<void> => this.pretend(options);
  createSnapshot = (_snapshot: unknown, options: StepOptions): Promise<void> => this.pretend(options);
  deleteSnapshot = (_snapshot: unknown, options: StepOptions): Promise<void> => this.pretend(options);

  private async pretend({ signal }: StepOptions): Promise<void> {
    signal.throwIfAborted();
    const { delayMs, failEvery } = this.options;
    this.operations++;
    const fails = failEvery > 0 && this.operations % failEvery === 0;
    if (delayMs > 0) await sleep(delayMs, undefined, { signal });
    if (fails) throw new Fault('internal', 'The storage failed, as it was told to.');
  }
}
