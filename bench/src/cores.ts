import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { descendants, type ProcessGroup } from './cpu.js';

/**
 * Gives the load a core of its own and what is measured the others, until disposed of: otherwise the load takes the more
 * from what it measures the more it asks. Without `taskset`, or with one core, nothing is done.
 */
export function loadApart(group: ProcessGroup): Disposable {
  const last = availableParallelism() - 1;
  const measured = Object.values(group).flatMap((pid) => descendants(pid));
  const move = (cores: string, pids: readonly number[]): void => {
    for (const pid of pids) spawnSync('taskset', ['-acp', cores, String(pid)], { stdio: 'ignore' });
  };
  if (last > 0) {
    move(`0-${last - 1}`, measured);
    move(String(last), [process.pid]);
  }
  return {
    [Symbol.dispose]: () => {
      if (last > 0) move(`0-${last}`, [...measured, process.pid]);
    },
  };
}
