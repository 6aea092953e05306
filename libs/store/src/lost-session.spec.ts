import { testDatabase } from '@scoria/testing';
import { QueryRunnerAlreadyReleasedError } from 'typeorm';
import { Database } from './database.js';
import { isDatabaseAway, translateErrors } from './errors.js';
import { hostileRelay } from './test-support/hostile-relay.js';

test('a session that is ended in the moment of its birth costs a request, not the process', async () => {
  await using real = await testDatabase();
  using relay = await hostileRelay(real.url);
  const database = await Database.open({ url: relay.url, poolSize: 2 });
  try {
    relay.turn('end at birth');
    // One of them needs a new session.
    const answers = await Promise.allSettled(
      Array.from({ length: 4 }, () => database.transaction((tx) => tx.query('select 1'))),
    );
    const failures = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
    expect(failures).not.toEqual([]);
    expect(failures.every(isDatabaseAway)).toBe(true);
    relay.turn('pass');
    await expect(database.query('select 2 as two')).resolves.toEqual([{ two: 2 }]);
  } finally {
    await database.close();
  }
});

test('a session that is lost while TypeORM asks its first questions is a database that is away', async () => {
  const lost = translateErrors(() => Promise.reject(new QueryRunnerAlreadyReleasedError()));
  expect(isDatabaseAway(await lost.catch((error: unknown) => error))).toBe(true);
});

test('a server that vanishes without a word is away, whether a statement or a transaction waits for it', async () => {
  await using real = await testDatabase();
  using relay = await hostileRelay(real.url);
  const database = await Database.open({ url: relay.url, poolSize: 2, statementTimeoutMs: 3_000 });
  try {
    await database.query('select 1');
    relay.turn('swallow');
    const answers = await Promise.allSettled([
      database.query('select $1::int', [1]),
      database.transaction((tx) => tx.query('select 1')),
    ]);
    expect(answers.map((answer) => answer.status === 'rejected' && isDatabaseAway(answer.reason))).toEqual([
      true,
      true,
    ]);
    relay.turn('pass');
    // By new sessions: whatever the old ones still get belongs to another question.
    await expect(database.query('select 2 as two')).resolves.toEqual([{ two: 2 }]);
  } finally {
    await database.close();
  }
});

test('a name that has no address for now is a database that is away', async () => {
  const nameless = Object.assign(new Error('getaddrinfo ENOTFOUND database'), { code: 'ENOTFOUND' });
  const error = await translateErrors(() => Promise.reject(nameless)).catch((reason: unknown) => reason);
  expect(isDatabaseAway(error)).toBe(true);
});
