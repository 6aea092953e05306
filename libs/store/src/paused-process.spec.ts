import { testDatabase, type TestDatabase } from '@scoria/testing';
import { Database } from './database.js';
import { StatementTooSlow, isDatabaseAway } from './errors.js';

/** A third of it ends who stands still: far longer than statements take that shall not meet it. */
const LIMIT = { statementTimeoutMs: 3_000 };

let testing: TestDatabase;
let database: Database;
let patient: Database;
beforeAll(async () => {
  testing = await testDatabase();
  database = await Database.open({ url: testing.url, poolSize: 2, ...LIMIT });
  patient = await Database.open({ url: testing.url, poolSize: 1 });
  await patient.query('create table things (name text primary key)');
  await patient.query(`insert into things values ('a')`);
});
afterAll(async () => {
  await database.close();
  await patient.close();
  await testing.drop();
});

const touch = `update things set name = name where name = 'a'`;

/** A process that stands still in a transaction: it has locked the row, and asks nothing more until `goOn`. */
async function paused(limit: { statementTimeoutMs?: number } = {}) {
  const process = await Database.open({ url: testing.url, poolSize: 1, ...limit });
  const [locked, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const outcome = process
    .transaction(async (tx) => {
      await tx.query(touch);
      locked.resolve();
      await goOn.promise;
      await tx.query(touch);
    })
    .catch((error: unknown) => error);
  await locked.promise;
  return {
    /** What the transaction comes to. */
    goOn: () => (goOn.resolve(), outcome),
    [Symbol.asyncDispose]: async () => {
      goOn.resolve();
      await outcome;
      await process.close();
    },
  };
}

test('what a process that stands still had locked is free again, and it hears that it was away', async () => {
  await using process = await paused(LIMIT);
  await patient.query(touch);
  expect(isDatabaseAway(await process.goOn())).toBe(true);
});

test('who stands still is ended before those who wait for its locks give up, and these before their statement ends', async () => {
  const ours = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'];
  const limits = await database.query<{ name: string }>(
    'select name from pg_settings where name = any($1) and setting::int > 0 order by setting::int desc',
    [ours],
  );
  expect(limits.map(({ name }) => name)).toEqual(ours);
});

test('who waits too long for a lock has met a busy moment, not a statement that is at fault', async () => {
  await using _process = await paused();
  const refusal = await database.query(touch).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ kind: 'unavailable', retryAfter: 5, cause: { code: '55P03' } });
  expect(isDatabaseAway(refusal)).toBe(true);
});

test('a statement that is slow by itself may be tried again, and each try counts', async () => {
  const refusal = await database.query('select pg_sleep(60)').catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(StatementTooSlow);
  expect(refusal).toMatchObject({ kind: 'unavailable', retryAfter: 5 });
  expect(isDatabaseAway(refusal)).toBe(false);
});
