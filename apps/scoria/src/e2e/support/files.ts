import { readdir } from 'node:fs/promises';

/** The files of volumes and snapshots in the directories of file back ends. */
export async function storedIn(directories: readonly string[]): Promise<string[]> {
  const lists = await Promise.all(directories.map((directory) => readdir(directory)));
  return lists.flat().filter((name) => !name.startsWith('.scoria-'));
}
