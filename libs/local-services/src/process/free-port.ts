import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below the range from which Linux (32768) and macOS (49152) take the source ports of outgoing connections, so that no
 * client is given the port between this probe and the server's own bind, or while a server is being restarted.
 */
const LOWEST = 20_000;
const HIGHEST = 32_000;
const ATTEMPTS = 200;

/**
 * A TCP port on 127.0.0.1 that nobody listens on, and neither on the `count - 1` ports after it. Another process may
 * still be quicker: be ready to try again.
 */
export async function freePort(count = 1): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const first = randomInt(LOWEST, HIGHEST - count);
    const free = await Promise.all(Array.from({ length: count }, (_, index) => canListen(first + index)));
    if (free.every(Boolean)) return first;
  }
  throw new Error(`no ${count} free ports between ${LOWEST} and ${HIGHEST} after ${ATTEMPTS} attempts`);
}

export function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
