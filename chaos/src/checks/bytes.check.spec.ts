import { mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeImage } from '../field/image.js';
import { runProgram } from '../field/programs.js';
import {
  IMAGE_CONTENT,
  PLACES,
  PLACE_BYTES,
  endCommands,
  endOf,
  writeCommands,
  type Content,
} from '../workload/content.js';
import { differenceIn, differenceInImage } from './bytes.check.js';

const WRITTEN: Content = [1, 2, 3];
/** What differs in one place, each in another. */
const OTHERS: Content[] = [
  [9, 2, 3],
  [1, 9, 3],
  [1, 2, 9],
];

let directory: string;
beforeEach(async () => void (directory = await mkdtemp(join(tmpdir(), 'bytes-'))));
afterEach(() => rm(directory, { recursive: true, force: true }));

/** An image of one GiB that holds `WRITTEN`. */
async function written(format: 'qcow2' | 'raw'): Promise<string> {
  const path = join(directory, `disk.${format}`);
  await runProgram('qemu-img', ['create', '-f', format, path, '1G']);
  const commands = writeCommands(WRITTEN).flatMap((command) => ['-c', command]);
  await runProgram('qemu-io', ['-f', format, ...commands, path]);
  return path;
}

test('an image with a wrong byte in any place is found, and a right one is not', async () => {
  const path = await written('qcow2');
  expect(await differenceInImage(path, WRITTEN)).toBeUndefined();
  for (const other of OTHERS) expect(await differenceInImage(path, other)).toMatch(/qemu-io/);
});

test('an image that cannot be read is found', async () => {
  const path = join(directory, 'none.qcow2');
  expect(await differenceInImage(path, WRITTEN)).toMatch(/No such file/);
  await writeFile(path, 'no image');
  expect(await differenceInImage(path, WRITTEN)).toMatch(/qemu-io/);
});

test('an image that is too short for a place is found', async () => {
  const path = join(directory, 'small.qcow2');
  await makeImage(path);
  expect(await differenceInImage(path, IMAGE_CONTENT)).toMatch(/qemu-io/);
});

test('a file with a wrong byte in any place is found, and where', async () => {
  const path = await written('raw');
  expect(await differenceIn(path, WRITTEN, 1)).toBeUndefined();
  for (const [place, other] of OTHERS.entries())
    expect(await differenceIn(path, other, 1)).toBe(`${WRITTEN[place]} instead of 9 at ${PLACES[place]}`);
  await using file = await open(path, 'r+');
  await file.write(Buffer.of(7), 0, 1, PLACES[2] + PLACE_BYTES - 1);
  expect(await differenceIn(path, WRITTEN, 1)).toBe(`7 instead of 3 at ${PLACES[2] + PLACE_BYTES - 1}`);
});

test('a file that ends before a place, or before its size, is found', async () => {
  const path = await written('raw');
  expect(await differenceIn(path, WRITTEN, 2)).toBe(`it ends before ${2 ** 31}`);
  await truncate(path, PLACES[2]);
  expect(await differenceIn(path, WRITTEN, 1)).toBe(`it ends before ${PLACES[2] + PLACE_BYTES}`);
});

test('what an extend has left of something else beyond the old end is found', async () => {
  const path = await written('raw');
  await truncate(path, 2 ** 31);
  expect(await differenceIn(path, WRITTEN, 2)).toBeUndefined();
  await using file = await open(path, 'r+');
  await file.write(Buffer.of(7), 0, 1, endOf(2));
  expect(await differenceIn(path, WRITTEN, 2)).toBe(`7 instead of 0 at ${endOf(2)}`);
});

test('a volume whose last block cannot be written, or holds something, is found', async () => {
  const path = await written('raw');
  const look = () => {
    const commands = endCommands(2).flatMap((command) => ['-c', command]);
    return runProgram('qemu-io', ['-f', 'raw', ...commands, path]);
  };
  await expect(look()).rejects.toThrow('qemu-io');
  await truncate(path, 2 ** 31);
  await look();
  // The second time it finds what it wrote.
  await expect(look()).rejects.toThrow('qemu-io');
});
