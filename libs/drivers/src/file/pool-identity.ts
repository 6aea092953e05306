import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '@scoria/config';
import { IDENTITY_FILE } from './file-names.js';

/**
 * Makes sure that a pool's directory is the one that was served before. A pool is often a mount point; were its file
 * system not mounted, every volume would seem lost, and new ones would go to the file system below it.
 *
 * @throws ConfigError when the directory is another one
 */
export async function checkPoolIdentity(pool: string, directory: string, stateDir: string): Promise<void> {
  const mark = join(directory, IDENTITY_FILE);
  const memory = join(stateDir, `file-pool-${pool}`);
  const [found, remembered] = await Promise.all([read(mark), read(memory)]);
  if (remembered !== undefined && found !== remembered) {
    throw new ConfigError([
      `pool ${pool}: ${directory} is not the directory served before; is its file system mounted? ` +
        `(To take it as it is, remove ${memory}.)`,
    ]);
  }
  const identity = found ?? randomUUID();
  // The mark first: killed in between, the next start adopts it.
  if (found === undefined) await writeFile(mark, identity, { flag: 'wx', mode: 0o600, flush: true });
  if (remembered === undefined) await writeFile(memory, identity, { mode: 0o600, flush: true });
}

/** A file cut short by a crash counts as none. */
async function read(path: string): Promise<string | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text === '' ? undefined : text;
}
