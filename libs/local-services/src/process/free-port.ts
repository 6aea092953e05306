import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below the range from which Linux (32768) and macOS (49152) take the source ports of outgoing connections, so that no
 * client is given the port between this probe and the server's own bind, or while a server is being restarted.
 */
const SINGLE = { lowest: 20_000, highest: 32_000 };
/** Apart from these: who has a row takes its ports one after the other, and needs single ones meanwhile. */
const ROW = { lowest: 10_000, highest: 20_000 };
const ATTEMPTS = 200;

/**
 * A TCP port on 127.0.0.1 that nobody listens on, and neither on the `count - 1` ports after it. Another process may
 * still be quicker: be ready to try again.
 */
export async function freePort(count = 1): Promise<number> {
  const { lowest, highest } = count === 1 ? SINGLE : ROW;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const first = randomInt(lowest, highest - count);
    const free = await Promise.all(Array.from({ length: count }, (_, index) => canListen(first + index)));
    if (free.every(Boolean)) return first;
  }
  throw new Error(`no ${count} free ports between ${lowest} and ${highest} after ${ATTEMPTS} attempts`);
}

/** Whether nobody listens on the loopback interface's port at this moment. */
export function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
