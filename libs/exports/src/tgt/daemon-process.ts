import { readdir, readFile } from 'node:fs/promises';

/**
 * The tgtd that serves a control socket, found by what it was started with rather than by a noted pid: a note can be
 * missing or stale, and its pid be another process by now.
 *
 * @returns its pid; undefined when there is none, or another user's
 */
export async function findDaemon(socketBase: string): Promise<number | undefined> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  for (const pid of pids) if (await isDaemon(pid, socketBase)) return pid;
  return undefined;
}

/** Whether this process is the tgtd that serves the control socket. A zombie serves nothing: it has no environment. */
export async function isDaemon(pid: number, socketBase: string): Promise<boolean> {
  const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
  if (name.trim() !== 'tgtd') return false;
  const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
  return environment.split('\0').includes(`TGT_IPC_SOCKET=${socketBase}`);
}

/** Kills a process at once. One that is gone already is no failure. */
export function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
