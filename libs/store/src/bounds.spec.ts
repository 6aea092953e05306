import { Fault } from '@scoria/domain';
import { waitFor } from '@scoria/testing';
import { Database } from './database.js';
import { DatabaseBusy } from './errors.js';
import { HazardWorld } from './test-support/hazard-world.js';
import { addBacklog } from './test-support/backlog.js';

let world: HazardWorld;
beforeAll(async () => void (world = await HazardWorld.open()));
afterAll(() => world?.[Symbol.asyncDispose]());

/** Two connections, both in use until the lock is given back. */
async function occupied(options: { maxWaiting?: number } = {}) {
  const database = await Database.open({ url: world.test.url, poolSize: 2, ...options });
  const holder = await Database.open({ url: world.test.url, poolSize: 1 });
  const [locked, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const held = holder.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock(1)');
    locked.resolve();
    await release.promise;
  });
  await locked.promise;
  const busy = [1, 2].map(() => database.query('select pg_advisory_xact_lock(1)'));
  await waitFor(() => database.connections.inUse === 2);
  return {
    database,
    release: () => release.resolve(),
    async [Symbol.asyncDispose]() {
      release.resolve();
      await Promise.all([held, ...busy]);
      await database.close();
      await holder.close();
    },
  };
}

test('a full pool of connections refuses after its time instead of waiting for ever', async () => {
  await using pool = await occupied();
  const refused = { kind: 'unavailable', retryAfter: 1 };
  await Promise.all([
    expect(pool.database.query('select 1')).rejects.toThrow(DatabaseBusy),
    expect(pool.database.transaction(async () => {})).rejects.toMatchObject(refused),
  ]);
});

test('the queue for connections has an end: who would be one too many is refused at once', async () => {
  await using pool = await occupied({ maxWaiting: 3 });
  const waiting = [1, 2, 3].map(() => pool.database.query('select 1'));
  await expect(pool.database.query('select 1')).rejects.toThrow(DatabaseBusy);
  await expect(pool.database.transaction(async () => {})).rejects.toThrow(DatabaseBusy);
  expect(pool.database.connections.waiting).toBe(3);
  pool.release();
  expect(await Promise.all(waiting)).toHaveLength(3);
});

test('a project cannot pile up live operations without end, and no other project pays for it', async () => {
  const bounded = await Database.open({ url: world.test.url, poolSize: 1, maxLivePerProject: 10 });
  try {
    await addBacklog(bounded, 10, 1, 'greedy');
    const refusal = await addBacklog(bounded, 1, 1, 'greedy').catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Fault);
    expect(refusal).toMatchObject({ kind: 'tooManyRequests', retryAfter: 30 });
    await addBacklog(bounded, 1, 1, 'modest');
    await bounded.query(
      `update operations set state = 'succeeded' where id in
         (select id from operations where project_id = 'greedy 1' limit 1)`,
    );
    await addBacklog(bounded, 1, 1, 'greedy');
    await expect(addBacklog(bounded, 1, 1, 'greedy')).rejects.toThrow('10 operations');
  } finally {
    await bounded.close();
  }
});
