import { constants } from 'node:fs';
import { copyFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { partialName } from './file-names.js';

/** What file systems answer that cannot share blocks (ioctl_ficlonerange(2)). */
const UNSUPPORTED = new Set(['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL', 'ENOTTY', 'EXDEV']);

/** Makes `target` share all blocks of `source`, as they are at one moment. Takes milliseconds, whatever the size. */
export const reflink = (source: string, target: string): Promise<void> =>
  copyFile(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);

/** Whether the file system of a directory can reflink. Tried with empty files, which a full one still has room for. */
export async function canReflink(directory: string): Promise<boolean> {
  const source = join(directory, partialName('probe'));
  const target = join(directory, partialName('probe'));
  try {
    await writeFile(source, '', { flag: 'wx', mode: 0o600 });
    await reflink(source, target);
    return true;
  } catch (error) {
    if (UNSUPPORTED.has((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  } finally {
    await Promise.all([rm(source, { force: true }), rm(target, { force: true })]);
  }
}
