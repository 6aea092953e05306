import { statfs } from 'node:fs/promises';

/**
 * GiB that a run may write to the temporary directory: databases, logs, volumes, images. With less, the hosts' full pools
 * and the database's failing writes would look like faults of the product.
 */
export const RUN_GIB = 6;
const GIB = 2 ** 30;

/** Why a run of so many GiB cannot be made in a directory, or undefined. */
export async function tooLittleRoom(directory: string, gib = RUN_GIB): Promise<string | undefined> {
  const { bavail, bsize } = await statfs(directory);
  const free = bavail * bsize;
  return free < gib * GIB
    ? `${directory} has ${(free / GIB).toFixed(1)} GiB free, and a run may need ${gib} (another one: TMPDIR)`
    : undefined;
}
