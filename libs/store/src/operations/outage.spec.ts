import { Fault } from '@scoria/domain';
import { waitFor } from '@scoria/testing';
import { HazardWorld, nothing, placed } from '../test-support/hazard-world.js';

/** More often than any step may fail. */
const OUTAGES = 5;

test('sessions lost in the middle of a step use up none of its tries', async () => {
  await using world = await HazardWorld.open();
  let runs = 0;
  const worker = await world.worker({
    handlers: {
      provision: {
        ...nothing(),
        run: async () => {
          if (++runs > OUTAGES) return;
          const lost = worker.database.query('select pg_sleep(60)');
          await Promise.all([lost, waitFor(async () => (await endSleepers(world)) > 0)]);
        },
      },
    },
  });
  const id = await world.createVolume();
  await worker.engine.start();
  expect(await world.ended(id)).toMatchObject({ state: 'succeeded' });
  expect(runs).toBe(OUTAGES + 1);
});

test('a database that may only be read, as during a failover, uses up none of the tries of a step', async () => {
  await using world = await HazardWorld.open();
  let runs = 0;
  const worker = await world.worker({
    handlers: {
      provision: {
        ...nothing(),
        run: async () => {
          if (++runs > OUTAGES) return;
          await worker.database.transaction(async (tx) => {
            await tx.query('set transaction read only');
            await tx.query('delete from volumes');
          });
        },
      },
    },
  });
  const id = await world.createVolume();
  await worker.engine.start();
  expect(await world.ended(id)).toMatchObject({ state: 'succeeded' });
  expect(runs).toBe(OUTAGES + 1);
});

test('sessions lost in the middle of an undo are no failures of the undo', async () => {
  await using world = await HazardWorld.open();
  const attempts: number[] = [];
  const failures: unknown[] = [];
  const worker = await world.worker({
    handlers: {
      place: placed(async ({ attempt }) => {
        if (attempts.push(attempt) > OUTAGES) return;
        const lost = worker.database.query('select pg_sleep(60)');
        await Promise.all([lost, waitFor(async () => (await endSleepers(world)) > 0)]);
      }),
      provision: {
        ...nothing(),
        run: async () => {
          throw new Fault('conflict', 'No.');
        },
      },
    },
    onUndoFailed: (_operation, _step, error) => void failures.push(error),
  });
  const id = await world.createVolume();
  await worker.engine.start();
  expect(await world.ended(id)).toMatchObject({ state: 'failed' });
  expect(attempts).toEqual(Array(OUTAGES + 1).fill(0));
  expect(failures).toEqual([]);
});

test('a transaction whose failed statement was overlooked is not taken for committed', async () => {
  await using world = await HazardWorld.open();
  const careless = world.database.transaction(async (tx) => {
    await tx.query('select 1 / 0').catch(() => {});
  });
  await expect(careless).rejects.toThrow('rolled back');
});

async function endSleepers({ database }: HazardWorld): Promise<number> {
  const ended = await database.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and wait_event = 'PgSleep'`,
  );
  return ended.length;
}
