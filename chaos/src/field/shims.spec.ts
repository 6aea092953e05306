import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError, CommandRunner } from '@scoria/commands';
import { removeTempDirs, tempDir, waitFor } from '@scoria/testing';
import { Shims } from './shims.js';

const commands = new CommandRunner({ owner: 'shims-spec' });
afterAll(removeTempDirs);

async function rig() {
  const directory = tempDir('shims');
  const shims = await Shims.make(directory);
  const [source, copy] = [join(directory, 'source'), join(directory, 'copy')];
  await commands.run('dd', ['if=/dev/zero', `of=${source}`, 'bs=10', 'count=1', 'status=none'], {
    timeoutMs: 60_000,
  });
  return {
    shims,
    run: () =>
      commands.run(join(shims.directory, 'cp'), [source, copy], {
        timeoutMs: 60_000,
        env: { PATH: `${shims.directory}:/usr/bin:/bin` },
      }),
    copied: () =>
      access(copy).then(
        () => true,
        () => false,
      ),
  };
}

test('without an order a command is passed on', async () => {
  const { run, copied } = await rig();
  expect((await run()).exitCode).toBe(0);
  expect(await copied()).toBe(true);
});

test.each([
  ['fail', false, { exitCode: 1 }],
  ['die', false, { signal: 'SIGKILL' }],
  ['die-after', true, { signal: 'SIGKILL' }],
] as const)('an order to %s leaves the work done: %s', async (mode, done, end) => {
  const { shims, run, copied } = await rig();
  await shims.order('cp', mode);
  const error = await run().then(
    () => undefined,
    (failure: unknown) => failure as CommandError,
  );
  expect(error).toMatchObject(end);
  expect(await copied()).toBe(done);
  await shims.release('cp');
  expect((await run()).exitCode).toBe(0);
});

test('a command that hangs does its work when the order is gone', async () => {
  const { shims, run, copied } = await rig();
  await shims.order('cp', 'hang');
  const running = run();
  // A second, unordered program shows that there was time.
  await commands.run('true', [], { timeoutMs: 60_000 });
  expect(await copied()).toBe(false);
  await shims.release('cp');
  expect((await running).exitCode).toBe(0);
  await waitFor(copied);
});
