import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { onCast } from '@scoria/bus';
import { doorbell } from '@scoria/contracts';
import { SCHEDULER_QUEUE } from '@scoria/domain';
import { waitFor } from '@scoria/testing';
import { createScheduler } from './scheduler.js';
import { Cloud, quiet } from './test-support/cloud.js';

/** Intervals that have begun and not ended: each would keep the process. */
function watchIntervals(): Set<unknown> {
  const { setInterval, clearInterval } = globalThis;
  const begun = new Set<unknown>();
  jest.spyOn(globalThis, 'setInterval').mockImplementation(((...given: Parameters<typeof setInterval>) => {
    const timer = setInterval(...given);
    begun.add(timer);
    return timer;
  }) as typeof setInterval);
  jest.spyOn(globalThis, 'clearInterval').mockImplementation((timer) => {
    begun.delete(timer);
    clearInterval(timer);
  });
  return begun;
}

afterEach(() => void jest.restoreAllMocks());

test.each([
  ['read the pools', 'lock table pools in access exclusive mode'],
  ['take its lease', 'lock table workers in exclusive mode'],
  ['report itself', 'lock table services in exclusive mode'],
])('a scheduler that is stopped while it waits to %s begins nothing more', async (_, lock) => {
  await using cloud = await Cloud.open();
  const { bus, database } = cloud;
  const intervals = watchIntervals();
  const scheduler = createScheduler({
    config: cloud.config(),
    database,
    bus,
    logger: quiet,
    host: randomUUID(),
  });
  const [started, stopped] = await database.transaction(async (tx) => {
    await tx.query(lock);
    const starting = scheduler.start();
    await waitFor(
      () =>
        database.query(
          `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
        ),
      { until: (waiting) => waiting.length > 0, describe: 'the start to wait' },
    );
    return [starting, scheduler.stop(0)];
  });
  await Promise.all([started, stopped]);
  expect(intervals.size).toBe(0);

  const heard: string[] = [];
  const listener = bus.serve({
    queues: [SCHEDULER_QUEUE],
    handlers: [onCast(doorbell, async ({ operationId }) => void heard.push(operationId))],
  });
  const bells = Array.from({ length: 4 }, () => randomUUID());
  for (const operationId of bells) await bus.cast(doorbell, SCHEDULER_QUEUE, { operationId, step: 0 });
  await waitFor(() => heard.length === bells.length);
  await listener.drain();
});
