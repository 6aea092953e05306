import { readFile } from 'node:fs/promises';

/**
 * A process as pid and start time, since pids are used again. The start time is field 22 of /proc/PID/stat, in
 * clock ticks since boot (proc(5)); the second field is a name that may hold anything, so fields count from its end.
 */
export async function processIdentity(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (stat === undefined) return undefined;
  const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const dead = state === 'Z' || state === 'X';
  return dead ? undefined : `${pid}:${rest[18]}`;
}

/** Whether the process of that identity still runs. A zombie does not. */
export async function isAlive(identity: string): Promise<boolean> {
  return (await processIdentity(Number.parseInt(identity, 10))) === identity;
}
