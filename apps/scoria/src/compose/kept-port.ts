import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';

/**
 * The port kept in `file`, or, at the first start, `wanted` when it is free and any other when not. Kept because what
 * listens there outlives restarts and clients remember it.
 */
export async function keptPort(file: string, wanted: number): Promise<number> {
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  if (kept !== undefined) return Number(kept);
  const port = (await freePort(wanted)) ?? (await freePort(0));
  if (port === undefined) throw new Error('no TCP port is free on 127.0.0.1');
  await writeFile(file, `${port}\n`);
  return port;
}

function freePort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : undefined));
    });
  });
}
