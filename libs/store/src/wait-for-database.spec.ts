import { connect, createServer } from 'node:net';
import { freePort, testDatabase, waitFor } from '@scoria/testing';
import { Database } from './database.js';
import { waitForDatabase } from './wait-for-database.js';

test('a service that is started before its database waits for it', async () => {
  await using real = await testDatabase();
  const url = new URL(real.url);
  const target = Number(url.port);
  url.port = String(await freePort());
  const warnings: string[] = [];
  const opening = waitForDatabase(() => Database.open({ url: url.href, poolSize: 1 }), {
    warn: (_, message) => warnings.push(message),
  });
  await waitFor(() => warnings.length >= 2);
  // Now it is there.
  const relay = createServer((near) => {
    const far = connect(target, url.hostname);
    for (const socket of [near, far]) socket.on('error', () => undefined);
    near.pipe(far).pipe(near);
  });
  relay.listen(Number(url.port), '127.0.0.1');
  try {
    const database = await opening;
    expect(await database.query('select 1 as one')).toEqual([{ one: 1 }]);
    await database.close();
  } finally {
    relay.close();
  }
});

test('a wrong password is not waited for', async () => {
  await using real = await testDatabase();
  const url = new URL(real.url);
  url.password = 'wrong';
  const opening = waitForDatabase(() => Database.open({ url: url.href, poolSize: 1 }), {
    warn: () => undefined,
  });
  await expect(opening).rejects.toThrow('password');
});
