import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratchDirectory } from '../fixtures/scratch.js';
import { endLeftover, recordProcess } from './leftover.js';
import { isAlive } from './process-table.js';
import { ServerProcess } from './server-process.js';

const scratch = scratchDirectory();

/** A server that says when it is ready, and does this when it is asked to end. */
const server = (onRequest: string): string =>
  `process.on('SIGTERM', () => ${onRequest}); setInterval(() => {}, 1000); console.log('ready')`;

describe('a server as a child process', () => {
  it('is killed when it does not end on request', async () => {
    const stubborn = await ready('stubborn', server('{}'));
    await stubborn.stop(['SIGTERM', 200]);
    expect(await stubborn.exited).toBe('stubborn ended by SIGKILL');
    expect(isAlive(stubborn.pid)).toBe(false);
  });

  it('is asked to end before it is killed', async () => {
    const polite = await ready('polite', server('process.exit(7)'));
    await polite.stop(['SIGTERM', 30_000]);
    expect(await polite.exited).toBe('polite ended with code 7');
  });

  it('says how it ended by itself', async () => {
    const brief = await run('brief', 'process.exit(3)');
    expect(await brief.exited).toBe('brief ended with code 3');
    await brief.stop(['SIGTERM', 200]);
  });

  it('keeps the log of the run before', async () => {
    for (const text of ['first', 'second']) await (await run('logged', `console.log('${text}')`)).exited;
    expect(readFileSync(join(scratch, 'logged.log'), 'utf8')).toBe('second\n');
    expect(readFileSync(join(scratch, 'logged.log.1'), 'utf8')).toBe('first\n');
  });

  it('cannot be started from a program that is not there', async () => {
    const command = { ...serverCommand('absent', ''), command: join(scratch, 'absent') };
    const outcome = await ServerProcess.spawn(command).then(
      (server) => server.exited,
      (error: Error) => error.message,
    );
    expect(outcome).toMatch(/absent (ended with code 127|cannot be started)/);
  });
});

describe('a server left behind by an earlier run', () => {
  it('is ended', async () => {
    const leftover = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const exited = once(leftover, 'exit');
    const file = join(scratch, 'leftover.json');
    recordProcess(file, leftover.pid!);
    await endLeftover(file, 'SIGTERM', 10_000, () => undefined);
    expect(await exited).toEqual([null, 'SIGTERM']);
  });

  it('is not mistaken for another process that got its id', async () => {
    const innocent = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const exited = once(innocent, 'exit');
    const file = join(scratch, 'reused.json');
    writeFileSync(file, JSON.stringify({ pid: innocent.pid, identity: 'an earlier process' }));
    await endLeftover(file, 'SIGTERM', 10_000, () => undefined);
    expect(isAlive(innocent.pid!)).toBe(true);
    innocent.kill('SIGKILL');
    expect(await exited).toEqual([null, 'SIGKILL']);
  });
});

function serverCommand(name: string, script: string): Parameters<typeof ServerProcess.spawn>[0] {
  return {
    name,
    command: process.execPath,
    args: ['-e', script],
    env: {},
    cwd: scratch,
    logFile: join(scratch, `${name}.log`),
    processFile: join(scratch, `${name}.json`),
    signalOnParentDeath: 'KILL',
  };
}

/** Started, and far enough to be asked something. */
async function ready(name: string, script: string): Promise<ServerProcess> {
  const started = await run(name, script);
  while (!started.logTail().includes('ready')) await new Promise((resolve) => setTimeout(resolve, 10));
  return started;
}

function run(name: string, script: string): Promise<ServerProcess> {
  return ServerProcess.spawn(serverCommand(name, script));
}
