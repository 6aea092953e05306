import { CommandRunner, type CommandOptions } from '@scoria/commands';
import { isFaultOfImage } from './qemu-img.js';

const commands = new CommandRunner({ owner: 'test' });

const failure = (script: string, options: Partial<CommandOptions> = {}): Promise<unknown> =>
  commands.run('sh', ['-c', script], { timeoutMs: 10_000, ...options }).catch((error: unknown) => error);

describe('an image is not called damaged', () => {
  it('because the program that read it was killed', async () => {
    expect(isFaultOfImage(await failure('kill -KILL $$'))).toBe(false);
  });

  it('because a disk did not answer in time', async () => {
    expect(isFaultOfImage(await failure('exec sleep 60', { timeoutMs: 100 }))).toBe(false);
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
