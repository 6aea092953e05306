import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { testDatabase } from '@scoria/testing';
import { QueryRunnerAlreadyReleasedError } from 'typeorm';
import { Database } from './database.js';
import { isDatabaseAway, translateErrors } from './errors.js';

/** PostgreSQL's ReadyForQuery, outside of a transaction. */
const READY = Buffer.from('5a0000000549', 'hex');

/** What a session hears when an administrator ends it (`pg_terminate_backend`). */
function terminated(): Buffer {
  const fields = ['SFATAL', 'VFATAL', 'C57P01', 'Mterminating connection due to administrator command', ''];
  const body = Buffer.from(fields.map((field) => `${field}\0`).join(''));
  const head = Buffer.from('E0000');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** What a way to the database does to its sessions. */
type Manner = 'pass' | 'end at birth' | 'swallow';

/**
 * A way to the database on which each session is ended in the very packet that says that it is there, or on which bytes
 * vanish.
 */
async function hostileRelay(databaseUrl: string) {
  const url = new URL(databaseUrl);
  const target = Number(url.port);
  let manner: Manner = 'pass';
  const server = createServer((near) => {
    const far = connect(target, url.hostname);
    for (const socket of [near, far]) socket.on('error', () => undefined);
    near.on('data', (bytes: Buffer) => manner === 'swallow' || far.write(bytes));
    near.on('close', () => far.destroy());
    far.on('data', (bytes: Buffer) => {
      if (manner === 'swallow') return;
      const ready = manner === 'end at birth' && bytes.subarray(-READY.length).equals(READY);
      near.write(ready ? Buffer.concat([bytes, terminated()]) : bytes);
    });
    far.on('close', () => near.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    turn: (now: Manner) => (manner = now),
    [Symbol.dispose]: () => void server.close(),
  };
}

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
  const error: unknown = await Database.open({
    url: 'postgresql://scoria@no-such-host.invalid/scoria',
    poolSize: 1,
  }).catch((reason: unknown) => reason);
  expect(isDatabaseAway(error)).toBe(true);
});
