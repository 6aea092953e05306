import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { clockOfService, untilFast } from './read-clock.js';

test('the clock of a service is read from its answers, and nothing of one that does not answer', async () => {
  const ahead = new Date(Date.now() + 3_600_000).toUTCString();
  const server = createServer((_, response) => response.setHeader('date', ahead).end()).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  const read = clockOfService(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  try {
    expect(Math.abs((await read())! - 3600)).toBeLessThan(60);
  } finally {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
  expect(await read()).toBeUndefined();
});

test('a clock that was set and goes on as before is found, and one that nobody can read is let pass', async () => {
  await expect(untilFast(3600, async () => 0, 0)).rejects.toThrow('it is 0 s fast, and not 3600');
  await untilFast(3600, async () => undefined, 0);
  const shown = [0, undefined, 3599];
  await untilFast(3600, async () => shown.shift());
});
