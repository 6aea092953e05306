import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandRunner } from '@scoria/commands';

const commands = new CommandRunner({ owner: 'test-file-systems' });
const run = (program: string, args: string[]): Promise<unknown> =>
  commands.run(program, args, { timeoutMs: 60_000 });

export type FileSystemKind = 'xfs' | 'ext4';

/** A file system of its own, mounted from a sparse file, for tests. */
export interface TestFileSystem {
  directory: string;
  remove(): Promise<void>;
}

const MAKE: Readonly<Record<FileSystemKind, (image: string) => Promise<unknown>>> = {
  xfs: (image) => run('mkfs.xfs', ['-q', '-m', 'reflink=1', image]),
  ext4: (image) => run('mkfs.ext4', ['-q', '-m', '0', image]),
};

/** @throws CommandError where loop devices or mkfs are missing, or this is not root */
export async function mountFileSystem(kind: FileSystemKind, bytes: number): Promise<TestFileSystem> {
  const root = await mkdtemp(join(tmpdir(), `scoria-${kind}-`));
  const [image, directory] = [join(root, 'image'), join(root, 'mounted')];
  try {
    await mkdir(directory);
    await writeFile(image, '');
    await truncate(image, bytes);
    await MAKE[kind](image);
    await run('mount', ['-o', 'loop', image, directory]);
  } catch (error) {
    await rm(root, { recursive: true });
    throw error;
  }
  return {
    directory,
    remove: async () => {
      // Never recursively before: that would empty what is still mounted.
      await run('umount', [directory]);
      await rm(root, { recursive: true });
    },
  };
}

/** Why file systems cannot be mounted here, or undefined when they can. Tried, since nothing else tells. */
export async function whyNoFileSystem(kind: FileSystemKind): Promise<string | undefined> {
  try {
    await (await mountFileSystem(kind, 512 * 2 ** 20)).remove();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
