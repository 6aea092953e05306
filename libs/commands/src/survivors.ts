import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { OWNER_VARIABLE, SERVICE_VARIABLE } from './command-environment.js';
import { isAlive, processIdentity } from './process-identity.js';

/** Milliseconds between two looks at /proc while killed processes go. */
const POLL_MS = 20;

/**
 * Kills the commands of `owner` whose service is dead, and waits until they are gone: a process that was killed may
 * have left children that still write. Commands of a living service are left alone.
 *
 * @returns how many were killed
 * @throws Error when some are still there after `timeoutMs`, as a process does that waits for dead storage
 */
export async function killSurvivors(owner: string, timeoutMs: number): Promise<number> {
  const killed = new Set<string>();
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const survivors = await findSurvivors(owner);
    if (survivors.length === 0) return killed.size;
    if (performance.now() > deadline) {
      throw new Error(
        `commands of ${owner} outlived their service and cannot be killed: ${survivors.join(', ')}`,
      );
    }
    for (const identity of survivors) {
      killed.add(identity);
      kill(Number.parseInt(identity, 10));
    }
    await sleep(POLL_MS);
  }
}

async function findSurvivors(owner: string): Promise<string[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
  const found: string[] = [];
  for (const pid of pids) {
    if (pid === process.pid) continue;
    const marks = await readMarks(pid);
    if (marks?.owner !== owner || (await isAlive(marks.service))) continue;
    const identity = await processIdentity(pid);
    if (identity !== undefined) found.push(identity);
  }
  return found;
}

/** Of other users' processes, and of those that end meanwhile, nothing can be read; they are not ours. */
async function readMarks(pid: number): Promise<{ owner: string; service: string } | undefined> {
  const text = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
  const variables = text.split('\0');
  const value = (name: string): string | undefined =>
    variables.find((variable) => variable.startsWith(`${name}=`))?.slice(name.length + 1);
  const owner = value(OWNER_VARIABLE);
  return owner === undefined ? undefined : { owner, service: value(SERVICE_VARIABLE) ?? '' };
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
