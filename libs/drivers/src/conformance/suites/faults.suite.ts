import { fileURLToPath } from 'node:url';
import { CommandRunner } from '@scoria/commands';
import { type ConformanceStorage, planOf } from '../conformance-storage.js';
import type { DrillReport } from '../faults/drill.js';
import type { FaultKind } from '../faults/fault-points.js';
import { SCENARIOS } from '../faults/scenarios.js';
import type { Rig } from '../rig.js';

const DRILL = fileURLToPath(new URL('../faults/drill.js', import.meta.url));
const TIMEOUT_MS = 10 * 60 * 1000;

/** Each operation, cut before each of its calls. */
export function faultsSuite(rig: () => Rig, storage: () => ConformanceStorage): void {
  const commands = new CommandRunner({ owner: 'conformance-drill' });
  const drill = async (scenario: string, kind: FaultKind): Promise<DrillReport> => {
    const args = ['--no-warnings', DRILL, JSON.stringify(planOf(storage())), scenario, kind];
    await rig().driver.close();
    try {
      return JSON.parse(
        (await commands.run(process.execPath, args, { timeoutMs: TIMEOUT_MS })).stdout,
      ) as DrillReport;
    } finally {
      await rig().open();
    }
  };

  const expectRecovery = async (scenario: string, kind: FaultKind): Promise<void> => {
    const { points, failures } = await drill(scenario, kind);
    expect(failures).toEqual([]);
    expect(points).toBeGreaterThan(1);
  };

  for (const [name, { failOnly }] of Object.entries(SCENARIOS)) {
    describe(name, () => {
      if (!failOnly)
        it(
          'killed before any of its calls leaves nothing half-made, and runs again',
          () => expectRecovery(name, 'freeze'),
          TIMEOUT_MS,
        );
      it(
        'whose storage fails at any of its calls runs again',
        () => expectRecovery(name, 'fail'),
        TIMEOUT_MS,
      );
    });
  }
}
