import { randomUUID } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Fault } from '@scoria/domain';
import { IDENTITY_FILE, unfinishedName } from './file-names.js';
import { syncPath } from './sync-path.js';

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

/**
 * Marks a pool's directory and remembers the mark. Only while the backend is held: an empty mark is replaced.
 *
 * @throws as `refuseAnotherDirectory` does
 */
export async function markPool(pool: string, directory: string, stateDir: string): Promise<void> {
  await refuseAnotherDirectory(pool, directory, stateDir);
  const [mark, memory] = [markIn(directory), memoryOf(pool, stateDir)];
  const [found, remembered] = await Promise.all([read(mark), read(memory)]);
  const identity = found ?? randomUUID();
  // The mark first: killed in between, the next start adopts it.
  if (found === undefined) await writeWhole(mark, identity);
  if (remembered === undefined) await writeWhole(memory, identity);
}

const markIn = (directory: string): string => join(directory, IDENTITY_FILE);
const memoryOf = (pool: string, stateDir: string): string => join(stateDir, `file-pool-${pool}`);

/** Under its name there is never a part of it, whatever cuts this short. */
async function writeWhole(path: string, text: string): Promise<void> {
  const unfinished = join(dirname(path), unfinishedName(basename(path)));
  await writeFile(unfinished, text, { mode: 0o600, flush: true });
  await rename(unfinished, path);
  await syncPath(dirname(path));
}

/** An empty file counts as none: releases before wrote it in place, and were cut short. */
async function read(path: string): Promise<string | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text === '' ? undefined : text;
}
