import { jest } from '@jest/globals';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { SpanStatusCode, trace } from '@opentelemetry/api';
import type { CommandError } from './command-error.js';
import type { CommandOptions } from './command-options.js';
import { CommandRunner } from './command-runner.js';
import { isAlive, processIdentity } from './process-identity.js';
import { waitUntil } from './test-support/wait-until.js';

const SECRET = 'correct-horse-battery';
const runner = new CommandRunner({ owner: 'test@runner' });
/** For commands that do not end when they are asked to. */
const impatient = new CommandRunner({ owner: 'test@impatient', killGraceMs: 200 });

const failureOf = (
  program: string,
  args: string[],
  options: Partial<CommandOptions> = {},
  by = runner,
): Promise<CommandError> =>
  by.run(program, args, { timeoutMs: 30_000, ...options }).then(
    () => Promise.reject(new Error('the command succeeded')),
    (error: unknown) => error as CommandError,
  );

/** Runs a shell script that prints the pids of two processes, and calls `end`, which shall kill it, when both run. */
async function killWhenStarted(
  script: string,
  end: () => void,
  options: Partial<CommandOptions>,
): Promise<{ error: CommandError; identities: string[] }> {
  const identities: Promise<string | undefined>[] = [];
  const onStdoutLine = (line: string): void => {
    identities.push(processIdentity(Number(line)));
    if (identities.length === 2) void Promise.all(identities).then(end);
  };
  const error = await failureOf('sh', ['-c', script], { ...options, onStdoutLine }, impatient);
  return { error, identities: (await Promise.all(identities)).map((identity) => identity!) };
}

describe('a command', () => {
  it('gets shell metacharacters as plain text', async () => {
    const hostile = ['$(touch /tmp/x)', '`id`', ';', '|', '&&', '*', '"', "'", '\n', '-n', '${HOME}', ''];
    const { stdout } = await runner.run('printf', ['%s\\0', ...hostile], { timeoutMs: 30_000 });
    expect(stdout.split('\0').slice(0, -1)).toEqual(hostile);
  });

  it('speaks the C locale and inherits nothing but what tools need', async () => {
    process.env['LC_ALL'] = 'de_DE.UTF-8';
    process.env['DATABASE_PASSWORD'] = SECRET;
    try {
      const { stdout } = await runner.run('env', [], { timeoutMs: 30_000, env: { CEPH_ARGS: '--id x' } });
      const lines = stdout.split('\n');
      expect(lines).toEqual(
        expect.arrayContaining(['LC_ALL=C', 'CEPH_ARGS=--id x', 'SCORIA_COMMAND_OWNER=test@runner']),
      );
      expect(stdout).not.toContain(SECRET);
    } finally {
      delete process.env['LC_ALL'];
      delete process.env['DATABASE_PASSWORD'];
    }
  });

  it('takes input, and may end without reading it', async () => {
    const input = 'x'.repeat(1_000_000);
    const { stdout } = await runner.run('wc', ['-c'], { timeoutMs: 30_000, input });
    expect(stdout.trim()).toBe('1000000');
    await expect(runner.run('true', [], { timeoutMs: 30_000, input })).resolves.toMatchObject({
      exitCode: 0,
    });
  });

  it('hands over lines as they come, those of a progress bar too', async () => {
    const lines: string[] = [];
    const onStdoutLine = (line: string): number => lines.push(line);
    await runner.run('printf', ['(1%%)\\r(50%%)\\rdone\\nlast'], { timeoutMs: 30_000, onStdoutLine });
    expect(lines).toEqual(['(1%)', '(50%)', 'done', 'last']);
  });

  it('fails by its exit code unless that is a result', async () => {
    const error = await failureOf('sh', ['-c', 'echo why >&2; exit 5']);
    expect(error).toMatchObject({
      program: 'sh',
      exitCode: 5,
      stderr: 'why',
      message: 'sh exited with 5: why',
    });
    const result = await runner.run('sh', ['-c', 'exit 5'], { timeoutMs: 30_000, okExitCodes: [0, 5] });
    expect(result.exitCode).toBe(5);
  });

  it('that is not installed says so', async () => {
    const error = await failureOf('no-such-program', []);
    expect(error).toMatchObject({
      notFound: true,
      message: 'no-such-program is not installed, or may not be run',
    });
    expect(await failureOf('/etc/passwd', [])).toMatchObject({ notFound: true });
    expect(await failureOf('bin/../sh', [])).toMatchObject({ notFound: true });
  });

  it('that cannot be started says why without its arguments', async () => {
    expect((await failureOf('true', [`${SECRET}\0`])).message).toBe(
      'true could not be started (ERR_INVALID_ARG_VALUE)',
    );
    const long = Array.from({ length: 40 }, () => SECRET.repeat(5_000));
    const error = await failureOf('true', long);
    expect(error.message).toContain('true ');
    expect(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain(SECRET);
  });

  it('ends when its output callback throws, and the service goes on', async () => {
    const error = await failureOf('sh', ['-c', 'echo a; exec sleep 1000'], {
      onStdoutLine: () => {
        throw new Error('bad line');
      },
    });
    expect(error.cause).toMatchObject({ message: 'bad line' });
  });
});

describe('a hung command', () => {
  const STUBBORN =
    'trap "" TERM; sh -c \'trap "" TERM; echo $$; while :; do sleep 1; done\' & echo $$; wait; wait';

  it('is killed with its children at its time limit', async () => {
    const limits = jest.spyOn(global, 'setTimeout');
    const timeoutMs = 123_456;
    // The limit comes when there is something to kill.
    const end = (): void => {
      const [limit] = limits.mock.calls.find(([, milliseconds]) => milliseconds === timeoutMs)!;
      limit();
    };
    const { error, identities } = await killWhenStarted(STUBBORN, end, { timeoutMs });
    limits.mockRestore();
    expect(error).toMatchObject({ timedOut: true, aborted: false });
    await waitUntil('all are gone', async () => !(await Promise.all(identities.map(isAlive))).includes(true));
  });

  it('is killed with its children when it is aborted', async () => {
    const abort = new AbortController();
    const end = (): void => abort.abort(new Error('enough'));
    const { error, identities } = await killWhenStarted(STUBBORN, end, { signal: abort.signal });
    expect(error).toMatchObject({ aborted: true, timedOut: false, message: 'sh was aborted' });
    expect(error.cause).toMatchObject({ message: 'enough' });
    await waitUntil('all are gone', async () => !(await Promise.all(identities.map(isAlive))).includes(true));
  });

  it('is not even started when it was aborted before', async () => {
    expect(await failureOf('sh', ['-c', 'exit 3'], { signal: AbortSignal.abort() })).toMatchObject({
      aborted: true,
    });
  });

  it('leaves no child behind when it ends by itself', async () => {
    const { stdout } = await runner.run('sh', ['-c', 'sleep 1000 & echo $!'], { timeoutMs: 30_000 });
    const identity = await processIdentity(Number(stdout));
    if (identity !== undefined) await waitUntil('it is gone', async () => !(await isAlive(identity)));
  });

  it('cannot keep us waiting through a child that fled its group and holds the output open', async () => {
    const fled = `setsid sh -c "echo \\$\\$ >&2; kill -USR1 $$; exec sleep 1000" &`;
    const error = await failureOf('sh', ['-c', `trap 'exit 0' USR1; ${fled} wait`], {}, impatient);
    process.kill(Number(error.stderr), 'SIGKILL');
    expect(error.message).toContain('sh ended but left its output open in a process outside its group');
  });

  it('is not said to leave its output open because we stood still ourselves after its end', async () => {
    const late = `setsid sh -c "kill -USR1 $$; while kill -0 $$ 2>&-; do :; done; echo late" &`;
    const { stdout } = await runner.run('sh', ['-c', `trap 'exit 0' USR1; ${late} wait`], {
      timeoutMs: 30_000,
      onStdoutLine: () => {
        const began = performance.now();
        while (performance.now() < began + 2_500);
      },
    });
    expect(stdout).toBe('late\n');
  });
});

describe('output beyond the limit', () => {
  it.each(['1', '2'])('kills the command (descriptor %s)', async (descriptor) => {
    const error = await failureOf('sh', ['-c', `yes >&${descriptor}`], { maxOutputBytes: 10_000 });
    expect(error).toMatchObject({
      overflowed: true,
      message: expect.stringContaining('sh printed more than 10000 bytes'),
    });
    expect(error.stderr.length).toBeLessThanOrEqual(2000);
  });

  it('is kept exactly up to the limit', async () => {
    const { stdout } = await runner.run('head', ['-c', '1000', '/dev/zero'], {
      timeoutMs: 30_000,
      maxOutputBytes: 1000,
    });
    expect(stdout.length).toBe(1000);
  });
});

describe('a secret', () => {
  it('is never in an error', async () => {
    const script = `echo "password ${SECRET} refused" >&2; exit 1`;
    const error = await failureOf('sh', ['-c', script], { secrets: [SECRET, 'correct', ''] });
    expect(error.message).toBe('sh exited with 1: password *** refused');
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain('correct');
  });

  it('is not shown by halves where output is cut off', async () => {
    const script = `printf 'aaaa${SECRET}' >&2; sleep 1000`;
    for (let limit = 5; limit < 4 + SECRET.length; limit++) {
      const error = await failureOf('sh', ['-c', script], { secrets: [SECRET], maxOutputBytes: limit });
      expect(error.stderr).toMatch(/^a*$/);
    }
  });
});

describe('the concurrency limit', () => {
  it('holds, lets the next go in order, and refuses when too many wait', async () => {
    const narrow = new CommandRunner({ owner: 'test@narrow', maxConcurrent: 1, maxQueued: 2 });
    const abort = new AbortController();
    const first = narrow.run('cat', ['/dev/zero'], {
      timeoutMs: 30_000,
      signal: abort.signal,
      maxOutputBytes: 1e12,
    });
    const left = new AbortController();
    const second = narrow.run('true', [], { timeoutMs: 30_000, signal: left.signal });
    const third = narrow.run('true', [], { timeoutMs: 30_000 });
    await expect(narrow.run('true', [], { timeoutMs: 30_000 })).rejects.toThrow(
      'true was refused: more than 2 commands wait',
    );
    left.abort();
    await expect(second).rejects.toThrow('true was aborted before it started');
    abort.abort();
    await expect(first).rejects.toThrow('cat was aborted');
    await expect(third).resolves.toMatchObject({ exitCode: 0 });
  });
});

describe('a span', () => {
  const exporter = new InMemorySpanExporter();

  beforeAll(() => {
    trace.setGlobalTracerProvider(
      new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }),
    );
  });
  afterAll(() => trace.disable());

  it('tells program, arguments without secrets and exit code of each command', async () => {
    await runner.run('/bin/sh', ['-c', 'exit 3', SECRET], {
      timeoutMs: 30_000,
      secrets: [SECRET],
      okExitCodes: [3],
    });
    await failureOf('sh', ['-c', `echo ${SECRET} >&2; exit 4`], { secrets: [SECRET] });
    const [good, bad] = exporter.getFinishedSpans();
    expect(good).toMatchObject({
      name: 'sh',
      attributes: { 'process.command_args': ['-c', 'exit 3', '***'], 'process.exit.code': 3 },
      status: { code: SpanStatusCode.UNSET },
    });
    expect(bad).toMatchObject({
      attributes: { 'process.exit.code': 4 },
      status: { code: SpanStatusCode.ERROR },
    });
    expect(JSON.stringify([bad!.attributes, bad!.status, bad!.events])).not.toContain(SECRET);
  });
});
