import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '@scoria/domain';
import { IDENTITY_FILE } from './file-names.js';

/**
 * Makes sure that a pool's directory, if it was served before, is still that one. A pool is often a mount point; were its
 * file system not mounted, every volume would seem lost, and new ones would go to the file system below it. Changes
 * nothing, so that nothing is made below a mount point either.
 *
 * @throws Fault `unavailable` when the directory is another one, or none: a mount mends it
 */
export async function refuseAnotherDirectory(
  pool: string,
  directory: string,
  stateDir: string,
): Promise<void> {
  const memory = memoryOf(pool, stateDir);
  const remembered = await read(memory);
  if (remembered === undefined || (await read(markIn(directory))) === remembered) return;
  throw new Fault(
    'unavailable',
    `Pool ${pool}: ${directory} is not the directory served before; is its file system mounted? ` +
      `(To take it as it is, remove ${memory}.)`,
  );
}

/** Marks a pool's directory and remembers the mark. @throws as `refuseAnotherDirectory` does */
export async function markPool(pool: string, directory: string, stateDir: string): Promise<void> {
  await refuseAnotherDirectory(pool, directory, stateDir);
  const [mark, memory] = [markIn(directory), memoryOf(pool, stateDir)];
  const [found, remembered] = await Promise.all([read(mark), read(memory)]);
  const identity = found ?? randomUUID();
  // The mark first: killed in between, the next start adopts it.
  if (found === undefined) await writeFile(mark, identity, { flag: 'wx', mode: 0o600, flush: true });
  if (remembered === undefined) await writeFile(memory, identity, { mode: 0o600, flush: true });
}

const markIn = (directory: string): string => join(directory, IDENTITY_FILE);
const memoryOf = (pool: string, stateDir: string): string => join(stateDir, `file-pool-${pool}`);

/** A file cut short by a crash counts as none. */
async function read(path: string): Promise<string | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text === '' ? undefined : text;
}
