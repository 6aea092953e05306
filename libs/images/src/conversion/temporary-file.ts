import { mkdir, open, rm, statfs } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '@scoria/domain';

const OPERATION_ID = /^[\w-]{1,64}$/;

export interface TemporaryFile {
  path: string;
  handle: FileHandle;
}

/**
 * Lends a new, empty file to `use`, and removes it whatever happens; also the one that a predecessor of the same
 * operation left when it was killed.
 *
 * @param bytes how much it will take
 * @throws Fault `unavailable` when there is not that much space
 */
export async function withTemporaryFile<T>(
  workDir: string,
  operationId: string,
  bytes: number,
  use: (file: TemporaryFile) => Promise<T>,
): Promise<T> {
  if (!OPERATION_ID.test(operationId)) throw new Error('the operation id cannot name a file');
  await mkdir(workDir, { recursive: true, mode: 0o700 });
  const path = join(workDir, `image-${operationId}.part`);
  await rm(path, { force: true });
  await checkSpace(workDir, bytes);
  const handle = await open(path, 'wx+', 0o600);
  try {
    return await use({ path, handle });
  } finally {
    await handle.close();
    await rm(path, { force: true });
  }
}

async function checkSpace(workDir: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(workDir);
  if (bavail * bsize < bytes) {
    throw new Fault('unavailable', 'There is no space left for the image.', {
      cause: new Error(`${workDir} has ${bavail * bsize} bytes free, the image needs ${bytes}`),
      detail: 'notEnoughSpaceForImage',
    });
  }
}
