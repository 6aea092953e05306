import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { CommandRunner } from './command-runner.js';
import { isAlive, processIdentity } from './process-identity.js';
import { waitUntil } from './test-support/wait-until.js';

const SERVICE = fileURLToPath(new URL('./test-support/service.js', import.meta.url));
const owner = `host@survivors-${process.pid}`;

/** Starts a service whose command has two children; gives the three identities, the command's own first. */
async function startService(): Promise<{ service: ChildProcess; command: string; children: string[] }> {
  const service = spawn(process.execPath, [SERVICE, owner], { stdio: ['ignore', 'pipe', 'inherit'] });
  const identities: string[] = [];
  for await (const line of createInterface(service.stdout)) {
    identities.push((await processIdentity(Number(line)))!);
    if (identities.length === 3) break;
  }
  const [command, ...children] = identities;
  return { service, command: command!, children };
}

async function killHard(service: ChildProcess): Promise<void> {
  const gone = once(service, 'exit');
  service.kill('SIGKILL');
  await gone;
}

describe('a command that outlives its service', () => {
  it('dies with it, and its children are gone after killSurvivors', async () => {
    const { service, command, children } = await startService();
    await killHard(service);
    await waitUntil('the kernel killed the command', async () => !(await isAlive(command)));
    expect(await Promise.all(children.map(isAlive))).toEqual([true, true]);

    expect(await new CommandRunner({ owner: `${owner}-other` }).killSurvivors()).toBe(0);
    expect(await Promise.all(children.map(isAlive))).toEqual([true, true]);

    expect(await new CommandRunner({ owner }).killSurvivors()).toBe(2);
    expect(await Promise.all(children.map(isAlive))).toEqual([false, false]);
    expect(await new CommandRunner({ owner }).killSurvivors()).toBe(0);
  });
});

describe('killSurvivors', () => {
  it('leaves the commands of a living service alone, its own among them', async () => {
    const { service, command } = await startService();
    const runner = new CommandRunner({ owner });
    const abort = new AbortController();
    const own = runner
      .run('sleep', ['1000'], { timeoutMs: 60_000, signal: abort.signal })
      .catch((e: Error) => e.message);
    try {
      expect(await runner.killSurvivors()).toBe(0);
      expect(await isAlive(command)).toBe(true);
    } finally {
      abort.abort();
      await killHard(service);
      await runner.killSurvivors();
    }
    expect(await own).toBe('sleep was aborted');
  });
});
