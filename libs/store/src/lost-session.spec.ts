import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { testDatabase } from '@scoria/testing';
import { Database } from './database.js';

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

/** A way to the database on which each session is ended in the very packet that says that it is there. */
async function hostileRelay(databaseUrl: string) {
  const url = new URL(databaseUrl);
  const target = Number(url.port);
  let hostile = false;
  const server = createServer((near) => {
    const far = connect(target, url.hostname);
    for (const socket of [near, far]) socket.on('error', () => undefined);
    near.pipe(far);
    far.on('data', (bytes: Buffer) => {
      const ready = hostile && bytes.subarray(-READY.length).equals(READY);
      near.write(ready ? Buffer.concat([bytes, terminated()]) : bytes);
    });
    far.on('close', () => near.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    turn: (now: boolean) => (hostile = now),
    [Symbol.dispose]: () => void server.close(),
  };
}

test('a session that is ended in the moment of its birth costs a request, not the process', async () => {
  await using real = await testDatabase();
  using relay = await hostileRelay(real.url);
  const database = await Database.open({ url: relay.url, poolSize: 2 });
  try {
    relay.turn(true);
    // One of them needs a new session.
    const answers = await Promise.allSettled(
      Array.from({ length: 4 }, () => database.transaction((tx) => tx.query('select 1'))),
    );
    expect(answers.some(({ status }) => status === 'rejected')).toBe(true);
    relay.turn(false);
    await expect(database.query('select 2 as two')).resolves.toEqual([{ two: 2 }]);
  } finally {
    await database.close();
  }
});
