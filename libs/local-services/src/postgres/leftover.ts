import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine, isAlive, waitUntilGone } from '../process/process-table.js';

const FAST_SHUTDOWN_MS = 60_000;
const KILLED_MS = 10_000;

/**
 * Ends a server that an earlier run left behind on this cluster, or waits for one that is just ending. Only a process
 * whose command line names this very directory is touched: the id in a stale postmaster.pid may be anybody's by now.
 */
export async function stopLeftover(directory: string, log: (line: string) => void): Promise<void> {
  const pid = postmasterPid(directory);
  if (pid === undefined || !isAlive(pid)) return;
  if (!commandLine(pid)?.includes(`-D ${directory} `)) return;
  log(`stopping a PostgreSQL that an earlier run left behind (pid ${pid})`);
  signal(pid, 'SIGINT');
  if (await waitUntilGone(pid, FAST_SHUTDOWN_MS)) return;
  signal(pid, 'SIGKILL');
  if (!(await waitUntilGone(pid, KILLED_MS))) throw new Error(`PostgreSQL survived SIGKILL (pid ${pid})`);
}

/** First line of postmaster.pid: the server's process id. */
function postmasterPid(directory: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(directory, 'postmaster.pid'), 'utf8').split('\n')[0]);
    return Number.isInteger(pid) && pid > 1 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
