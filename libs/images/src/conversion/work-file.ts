import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '@scoria/domain';

const OPERATION_ID = /^[\w-]{1,64}$/;
/** The operation, and what tells its files apart: a checkpoint means one file, never its namesake. */
const NAME = /^image-([\w-]{1,64})\.[0-9a-f]{12}\.part$/;

/** A file that an image passes through. */
export interface WorkFile {
  readonly name: string;
  readonly path: string;
  readonly handle: FileHandle;
  /** Whether an earlier run of the operation has left it. */
  readonly resumed: boolean;
  /** Set it once a checkpoint names the file: it then stays when `use` fails, for the next run. */
  keep: boolean;
}

export interface WorkFileRequest {
  workDir: string;
  operationId: string;
  /** How much it will take. */
  bytes: number;
  /** The file that a checkpoint names, to go on with if it is still there. */
  name: unknown;
}

/**
 * Lends a file to `use`: the one that a checkpoint names, else a new one. All others of the same operation are removed,
 * and so is this one in the end, unless it is to be kept.
 *
 * @throws Fault `unavailable` when there is not that much space
 */
export async function withWorkFile<T>(
  request: WorkFileRequest,
  use: (file: WorkFile) => Promise<T>,
): Promise<T> {
  const { workDir, operationId, bytes } = request;
  if (!OPERATION_ID.test(operationId)) throw new Error('the operation id cannot name a file');
  await mkdir(workDir, { recursive: true, mode: 0o700 });
  const left = await removeWorkFiles(workDir, (of, name) => of === operationId && name !== request.name);
  const resumed = left.find((name) => name === request.name && operationOf(name) === operationId);
  const name = resumed ?? `image-${operationId}.${randomBytes(6).toString('hex')}.part`;
  const path = join(workDir, name);
  if (resumed === undefined) await checkSpace(workDir, bytes);
  const handle = await open(path, resumed === undefined ? 'wx+' : 'r+', 0o600);
  const file: WorkFile = { name, path, handle, resumed: resumed !== undefined, keep: false };
  let used = false;
  try {
    const result = await use(file);
    used = true;
    return result;
  } finally {
    await handle.close();
    if (used || !file.keep) await rm(path, { force: true });
  }
}

/**
 * Removes the files of operations that will not go on with them.
 *
 * @returns the names of those that are left
 */
export async function removeWorkFiles(
  workDir: string,
  isOver: (operationId: string, name: string) => boolean,
): Promise<string[]> {
  const names = (await namesIn(workDir)).filter((name) => operationOf(name) !== undefined);
  const over = names.filter((name) => isOver(operationOf(name)!, name));
  await Promise.all(over.map((name) => rm(join(workDir, name), { force: true })));
  return names.filter((name) => !over.includes(name));
}

/** The operations that have files there. */
export async function workFileOwners(workDir: string): Promise<string[]> {
  const owners = (await namesIn(workDir)).map(operationOf).filter((owner) => owner !== undefined);
  return [...new Set(owners)];
}

const operationOf = (name: string): string | undefined => NAME.exec(name)?.[1];

async function namesIn(workDir: string): Promise<string[]> {
  return readdir(workDir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
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
