import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';

const BLOCK = 64 * 1024;
const MIB = 1024 * 1024;

/** Where a volume of `bytes` is stamped: both ends, its middle, and a place that no large block size divides. */
const stampedAt = (bytes: number): number[] => [0, MIB + 4096, bytes / 2, bytes - BLOCK];

/** Blocks that nothing was ever written to. */
const zerosAt = (bytes: number): number[] => [BLOCK, 3 * MIB, bytes / 2 - BLOCK, bytes - 2 * BLOCK];

/** Writes what only this `seed` gives to a device whose first `bytes` are meant. On disk when done. */
export async function stamp(path: string, seed: string, bytes: number): Promise<void> {
  await withFile(path, 'r+', async (file) => {
    for (const offset of stampedAt(bytes)) await file.write(blockOf(seed, offset), 0, BLOCK, offset);
    await file.sync();
  });
}

/** Fails unless the device holds exactly what `stamp` wrote for the same seed and size, as far as samples tell. */
export async function checkStamp(path: string, seed: string, bytes: number): Promise<void> {
  await withFile(path, 'r', async (file) => {
    for (const offset of stampedAt(bytes)) {
      assert.ok(
        (await blockAt(file, offset)).equals(blockOf(seed, offset)),
        `wrong data at ${offset} of ${path}`,
      );
    }
    await checkZeroAt(file, path, zerosAt(bytes));
  });
}

/** Fails unless the bytes from `start` to `end` are zeros, as far as samples tell. */
export async function checkZeros(path: string, start: number, end: number): Promise<void> {
  const samples = [...stampedAt(end - start), ...zerosAt(end - start)].map((offset) => start + offset);
  await withFile(path, 'r', (file) => checkZeroAt(file, path, samples));
}

/** Bytes of a file or a block device. */
export function deviceSize(path: string): Promise<number> {
  return withFile(path, 'r', async (file) => {
    let low = 0;
    let high = 2 ** 50;
    // stat says 0 of a block device, and Node cannot seek: the end is where nothing more is read.
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const { bytesRead } = await file.read(Buffer.alloc(1), 0, 1, middle);
      if (bytesRead === 1) low = middle + 1;
      else high = middle;
    }
    return low;
  });
}

async function checkZeroAt(file: FileHandle, path: string, offsets: number[]): Promise<void> {
  const zeros = Buffer.alloc(BLOCK);
  for (const offset of offsets) {
    assert.ok((await blockAt(file, offset)).equals(zeros), `no zeros at ${offset} of ${path}`);
  }
}

async function blockAt(file: FileHandle, offset: number): Promise<Buffer> {
  const block = Buffer.alloc(BLOCK);
  const { bytesRead } = await file.read(block, 0, BLOCK, offset);
  assert.equal(bytesRead, BLOCK, `the device ends before ${offset + BLOCK}`);
  return block;
}

const blockOf = (seed: string, offset: number): Buffer =>
  Buffer.alloc(BLOCK, createHash('sha256').update(`${seed}:${offset}`).digest());

async function withFile<T>(path: string, flags: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, flags);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}
