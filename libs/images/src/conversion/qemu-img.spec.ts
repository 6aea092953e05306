import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { CommandRunner, copyDisk, type CommandOptions } from '@scoria/commands';
import { removeTempDirs, tempDir } from '@scoria/testing';
import { createQcow2, failureOfConversion, isFaultOfImage, isSound } from './qemu-img.js';

const commands = new CommandRunner({ owner: 'test' });

const limits = { signal: new AbortController().signal, timeoutMs: 60_000 };
const MIB = 1024 ** 2;

afterAll(removeTempDirs);

const failure = (script: string, options: Partial<CommandOptions> = {}): Promise<unknown> =>
  commands.run('sh', ['-c', script], { timeoutMs: 10_000, ...options }).catch((error: unknown) => error);

describe('an image is not called damaged', () => {
  it('because the program that read it was killed', async () => {
    expect(isFaultOfImage(await failure('kill -KILL $$'))).toBe(false);
  });

  it('because a disk did not answer in time', async () => {
    expect(isFaultOfImage(await failure('exec sleep 60', { timeoutMs: 100 }))).toBe(false);
  });

  it('because what it was to be written to cannot take it', async () => {
    const path = join(tempDir('qemu-img'), 'sound.qcow2');
    await createQcow2(commands, path, MIB, limits.signal);
    const source = { format: 'qcow2' as const, path };
    const target = { format: 'raw' as const, path: '/dev/full' };
    const full = await copyDisk(commands, { source, target, bytes: MIB, from: 0, ...limits }).catch((e) => e);
    expect(isFaultOfImage(full)).toBe(true);
    expect(await failureOfConversion(commands, path, limits, full)).toBe(full);
  });

  it('because the program is missing', async () => {
    expect(
      isFaultOfImage(await commands.run('no-such-program', [], { timeoutMs: 1000 }).catch((e) => e)),
    ).toBe(false);
  });
});

test.each(['exit 1', 'kill -XCPU $$', 'kill -ABRT $$', 'kill -SEGV $$'])(
  'a program that ends over what it reads by %s blames it',
  async (end) => {
    expect(isFaultOfImage(await failure(end))).toBe(true);
  },
);

test('a file of our own that lost so much that the list of it has no end is not gone on with', async () => {
  const path = join(tempDir('qemu-img'), 'lost.qcow2');
  const options = 'cluster_size=128k,preallocation=metadata';
  const words = ['create', '-q', '-f', 'qcow2', '-o', options, path, '2G'];
  await commands.run('qemu-img', words, limits);
  expect(await isSound(commands, path, limits)).toBe(true);
  // The map stays, and there is a line for each of its 16,384 entries.
  truncateSync(path, MIB);
  expect(await isSound(commands, path, limits)).toBe(false);
});
