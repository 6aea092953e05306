import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { DriverVolume } from '../../driver-objects.js';
import { type ConformanceStorage, planOf } from '../conformance-storage.js';
import type { Rig } from '../rig.js';

const SERVICE = fileURLToPath(new URL('../faults/busy-service.js', import.meta.url));
const TIMEOUT_MS = 5 * 60 * 1000;
/** How many operations a service finishes before it is killed. */
const KILL_AFTER = [1, 13, 30];

/** Real processes, really killed. */
export function processesSuite(rig: () => Rig, storage: () => ConformanceStorage): void {
  const started: ChildProcess[] = [];

  /** Starts a service at work, and waits until it has finished some operations. */
  const startService = async (base: DriverVolume, operations: number): Promise<ChildProcess> => {
    const args = ['--no-warnings', SERVICE, JSON.stringify(planOf(storage())), JSON.stringify(base)];
    const service = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    started.push(service);
    let lines = 0;
    for await (const line of createInterface(service.stdout))
      if (line !== '' && ++lines > operations) return service;
    throw new Error('the service ended by itself');
  };

  const killHard = async (service: ChildProcess): Promise<void> => {
    if (service.exitCode !== null || service.signalCode !== null) return;
    const gone = once(service, 'exit');
    service.kill('SIGKILL');
    await gone;
  };

  // A failed test must not leave one at work.
  afterEach(() => Promise.all(started.splice(0).map(killHard)));

  describe('a service that is killed at work', () => {
    it.each(KILL_AFTER)(
      'after %i operations leaves only what is whole',
      async (operations) => {
        const base = await rig().stamped();
        await rig().driver.close();
        await killHard(await startService(base, operations));
        await rig().open();

        await rig().checkHolds(base, base);
        for (const { kind, id, name, sizeGib, pool } of await rig().driver.inventory()) {
          expect(kind).not.toBe('unknown');
          const volume = { id: id!, name, sizeGib, pool };
          if (kind === 'volume') await rig().checkHolds(volume, base);
          else await rig().checkSnapshotHolds({ ...volume, volumeId: base.id, volumeName: base.name }, base);
        }
        await rig().clear();
        expect(await rig().listing()).toEqual([]);
      },
      TIMEOUT_MS,
    );
  });

  describe('two processes that serve the same storage', () => {
    it(
      'do not: the second waits, says so, and goes on when the first was killed',
      async () => {
        const base = await rig().stamped();
        await rig().driver.close();
        const service = await startService(base, 0);
        let warned: (holder: string) => void;
        const warning = new Promise<string>((resolve) => (warned = resolve));
        const log = (message: string, fields?: Record<string, unknown>): void =>
          warned(`${message} ${JSON.stringify(fields)}`);
        const second = await rig().make({
          debug: () => undefined,
          info: () => undefined,
          warn: log,
          error: log,
        });
        let served = false;
        const setup = second.setup().then(() => (served = true));
        expect(await warning).toContain(String(service.pid));
        expect(served).toBe(false);
        await killHard(service);
        await setup;
        await second.close();
        await rig().open();
        await rig().checkHolds(base, base);
        await rig().clear();
      },
      TIMEOUT_MS,
    );

    it(
      'and one that waits can be told to stop',
      async () => {
        const base = await rig().stamped();
        await rig().driver.close();
        const service = await startService(base, 0);
        const second = await rig().make();
        const setup = second.setup();
        const refused = expect(setup).rejects.toThrow();
        await second.close();
        await refused;
        await killHard(service);
        await rig().open();
        await rig().clear();
      },
      TIMEOUT_MS,
    );
  });
}
