import { BackendConfig } from '@scoria/config';
import type { Bus } from '@scoria/contracts';
import type { PoolState } from '@scoria/domain';
import type { Driver } from '@scoria/drivers';
import type { ExportProtocol } from '@scoria/exports';
import type { Database } from '@scoria/store';
import { waitFor } from '@scoria/testing';
import { Backend } from './backend.js';
import { Publishers } from './publishers.js';
import { StatsPublisher } from './stats-publisher.js';

const QUIET = { debug() {}, info() {}, warn() {}, error() {} };
/** Longer than a test: only nudges bring reports. */
const INTERVAL_MS = 600_000;

const publishers = new Publishers();
afterEach(() => publishers.stop());

/** A backend whose driver answers with how often it was asked, once `until` has ended. */
async function reporting(name: string, until: (asked: number) => Promise<unknown> = async () => {}) {
  const seen = { asked: 0, written: [] as number[] };
  const driver = {
    pools: async () => {
      const asked = ++seen.asked;
      await until(asked);
      return [{ poolName: 'pool', totalCapacityGib: asked }];
    },
  } as unknown as Driver;
  const database = {
    query: async (_sql: string, [, rows]: string[]) => {
      const [{ state }] = JSON.parse(rows!) as [{ state: PoolState }];
      seen.written.push(state.totalCapacityGib as number);
      return [{ now: '' }];
    },
  } as unknown as Database;
  const config = Object.assign(new BackendConfig(), { name });
  const backend = new Backend('host', config, driver, { storageProtocol: ['local'] } as ExportProtocol);
  const publisher = new StatsPublisher(backend, {
    database,
    bus: { broadcast: async () => {} } as unknown as Bus,
    logger: QUIET,
    availabilityZone: 'nova',
    defaultRatio: 1,
    intervalMs: INTERVAL_MS,
  });
  await publisher.start();
  publishers.add(backend.queue, publisher);
  return Object.assign(seen, { publisher });
}

test('storage that hangs is asked once, whatever ends meanwhile, and again when it has answered', async () => {
  const hang = Promise.withResolvers<void>();
  const hung = await reporting('hung', async (asked) => asked === 2 && hang.promise);
  const sound = await reporting('sound');
  // Where the hung one could be asked again, the sound one is: both are nudged together.
  for (let reports = 1; reports <= 4; reports++) {
    await waitFor(() => sound.written.length === reports, { describe: 'the sound backend to report' });
    hung.publisher.nudge();
    sound.publisher.nudge();
  }
  expect(hung.asked).toBe(2);
  hang.resolve();
  await waitFor(() => hung.written.length === 3, { describe: 'what was nudged meanwhile to be reported' });
  expect(hung.written).toEqual([1, 2, 3]);
});

test('an operation that ends has the pools of its own backend counted, not those of the others', async () => {
  const [busy, idle] = [await reporting('busy'), await reporting('idle')];
  publishers.nudge('host@busy');
  publishers.nudge(null);
  await waitFor(() => busy.asked === 2, { describe: 'the busy backend to be counted again' });
  busy.publisher.nudge();
  await waitFor(() => busy.asked === 3, { describe: 'the busy backend to be counted once more' });
  expect(idle.asked).toBe(1);
});
