import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { tempDir } from '@scoria/testing';

const run = promisify(execFile);

/** A real file system with a file in it, made without mounting anything; answers the path of `disk.raw`. */
export async function ext4Image(directory: string): Promise<string> {
  const content = tempDir('content');
  await writeFile(join(content, 'hello'), 'from an image\n'.repeat(1000));
  const path = join(directory, 'disk.raw');
  await run('mkfs.ext4', ['-q', '-d', content, path, '128M']);
  return path;
}

/** The same bytes as another image, packed as qcow2. */
export async function asQcow2(raw: string, target: string): Promise<void> {
  await run('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', raw, target]);
}

/** The bytes of a qcow2 image, unpacked into a directory; answers the path. */
export async function rawOf(qcow2: string, directory: string): Promise<string> {
  const path = join(directory, 'unpacked.raw');
  await run('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', qcow2, path]);
  return path;
}
