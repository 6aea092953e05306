import { StepRegistry } from '../step-handler.js';
import type { HeldOperation, OperationStore } from '../store-port.js';
import { OperationEngine } from './engine.js';

const HOUR_MS = 3_600_000;

const timers = (): number =>
  process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;

/** An engine that does nothing by itself, and what it asked the store for. */
function engineOver(heartbeat: () => Promise<HeldOperation[]> = async () => []) {
  const asked: string[] = [];
  const store = {
    heartbeat: () => {
      asked.push('heartbeat');
      return heartbeat();
    },
    retire: async () => void asked.push('retire'),
    claim: async () => {
      asked.push('claim');
      return [];
    },
  } as unknown as OperationStore<unknown>;
  const engine = new OperationEngine({
    worker: { id: 'worker', service: 'volume', host: 'host', leaseSeconds: 1 },
    store,
    steps: new StepRegistry([]),
    ring: async () => {},
    maxConcurrent: 4,
    projectShare: 0.75,
    heartbeatMs: HOUR_MS,
    sweepMs: HOUR_MS,
    retry: { baseDelayMs: 1, maxDelayMs: 1 },
  });
  return { engine, asked };
}

test("a queue that is served after the stop claims nothing: its claims would be nobody's", async () => {
  const { engine, asked } = engineOver();
  await engine.start();
  await engine.stop(0);
  engine.serve('queue');
  engine.ring('queue', 'operation');
  expect(engine.slotsInUse).toEqual([]);
  expect(asked).toEqual(['heartbeat', 'retire']);
});

test('a start after the stop takes no lease', async () => {
  const { engine, asked } = engineOver();
  await engine.stop(0);
  await engine.start();
  expect(asked).toEqual(['retire']);
});

test('a stop while the lease is taken gives it back, and no timer keeps the process', async () => {
  const before = timers();
  const lease = Promise.withResolvers<HeldOperation[]>();
  const { engine, asked } = engineOver(() => lease.promise);
  engine.serve('queue');
  const started = engine.start();
  const stopped = engine.stop(0);
  lease.resolve([]);
  await Promise.all([started, stopped]);
  expect(asked).toEqual(['heartbeat', 'retire']);
  // Another's may have ended meanwhile.
  expect(timers()).toBeLessThanOrEqual(before);
});
