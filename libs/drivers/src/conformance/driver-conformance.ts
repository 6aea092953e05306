import type { ConformanceStorage } from './conformance-storage.js';
import { Rig } from './rig.js';
import { checkpointsSuite } from './suites/checkpoints.suite.js';
import { concurrencySuite } from './suites/concurrency.suite.js';
import { dataSuite } from './suites/data.suite.js';
import { faultsSuite } from './suites/faults.suite.js';
import { idempotenceSuite } from './suites/idempotence.suite.js';
import { inventorySuite } from './suites/inventory.suite.js';
import { processesSuite } from './suites/processes.suite.js';
import { refusalsSuite } from './suites/refusals.suite.js';
import { statsSuite } from './suites/stats.suite.js';
import { planOf } from './conformance-storage.js';

export interface ConformanceOptions {
  /** For a driver that keeps nothing: leaves out all that looks at what was kept. */
  storesNothing?: boolean;
}

/**
 * What every driver must pass, as Jest suites over real storage. Needs Jest's globals, at least 8 GiB of nominal and 1 GiB
 * of real space, and storage that holds nothing yet.
 *
 * @param makeStorage called once before the tests of this driver; `dispose()` of what it gives is called after them
 */
export function driverConformance(
  name: string,
  makeStorage: () => Promise<ConformanceStorage>,
  options: ConformanceOptions = {},
): void {
  describe(`driver conformance: ${name}`, () => {
    let storage: ConformanceStorage | undefined;
    let current: Rig | undefined;
    const rig = (): Rig => current!;
    const theStorage = (): ConformanceStorage => storage!;

    beforeAll(async () => {
      storage = await makeStorage();
      current = new Rig(planOf(storage));
      await current.open();
    });
    afterEach(() => current?.clear());
    afterAll(async () => {
      try {
        await current?.driver?.close();
      } finally {
        await storage?.dispose();
      }
    });

    idempotenceSuite(rig);
    if (options.storesNothing) return;
    refusalsSuite(rig);
    dataSuite(rig);
    checkpointsSuite(rig);
    concurrencySuite(rig);
    processesSuite(rig, theStorage);
    faultsSuite(rig, theStorage);
    // Last: these leave what is not ours, which nothing may delete.
    statsSuite(rig, theStorage);
    inventorySuite(rig, theStorage);
  });
}
