import { readFile, writeFile } from 'node:fs/promises';
import { canListen, freePort } from '@scoria/local-services';

/**
 * The port kept in `file`, or, at the first start, `wanted` when it is free and any other when not. Kept because what
 * listens there outlives restarts and clients remember it.
 */
export async function keptPort(file: string, wanted: number): Promise<number> {
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  if (kept !== undefined) return Number(kept);
  const port = (await canListen(wanted)) ? wanted : await freePort();
  await writeFile(file, `${port}\n`);
  return port;
}
