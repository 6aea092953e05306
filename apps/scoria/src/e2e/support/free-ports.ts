import { createServer } from 'node:net';

const FIRST = 24_000;
/** The kernel's own choices begin at 32,768. */
const LAST = 32_000;
/** Test files of one run begin their search apart from each other. */
const APART = 40;

/** The first of `count` TCP ports in a row that are free on the loopback interface. */
export async function freePorts(count: number): Promise<number> {
  for (let base = FIRST + (process.pid % 100) * APART; base + count < LAST; base += count) {
    const free = await Promise.all(Array.from({ length: count }, (_, offset) => isFree(base + offset)));
    if (free.every(Boolean)) return base;
  }
  throw new Error(`no ${count} TCP ports in a row are free`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
