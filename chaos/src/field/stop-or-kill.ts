import { isAlive, killProcess, type ProcessState } from '@scoria/scoria';
import { until } from './until.js';

/** Milliseconds for a service to drain and end: several times what the slowest has needed. */
const STOP_LIMIT_MS = 90_000;

/** SIGTERM, as a service manager does, and SIGKILL when that does not do. Answers whether it has ended by itself. */
export async function stopOrKill(member: ProcessState, limitMs = STOP_LIMIT_MS): Promise<boolean> {
  const { name, pid } = member;
  if (!isAlive(pid)) return true;
  process.kill(pid, 'SIGTERM');
  return until(`the end of ${name}`, limitMs, async () => !isAlive(pid)).then(
    () => true,
    async () => {
      await killProcess(member);
      return false;
    },
  );
}
