import { join } from 'node:path';
import { findDaemon, isDaemon, killProcess } from './daemon-process.js';
import { until } from './polling.js';

const LIMIT_MS = 10_000;

/** What a tgtd of ours names its control socket in a back end's `stateDir`. */
export const socketBaseIn = (stateDir: string): string => join(stateDir, 'tgtd');

/**
 * Ends the tgtd that an iSCSI export with this `stateDir` has left running, with all it serves. For a machine that is
 * taken down: the next start makes every export again. Call it when no service looks after the daemon any more.
 */
export async function endTgtDaemon(stateDir: string): Promise<void> {
  const socketBase = socketBaseIn(stateDir);
  const pid = await findDaemon(socketBase);
  if (pid === undefined) return;
  killProcess(pid);
  await until(async () => !(await isDaemon(pid, socketBase)), LIMIT_MS, `tgtd (pid ${pid}) did not end`);
}
