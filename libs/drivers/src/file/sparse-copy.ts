import { stat } from 'node:fs/promises';
import type { CommandRunner } from '@scoria/commands';
import type { StepOptions } from '../driver.js';

/** A copy of the largest volumes may take a day. */
export const COPY_TIMEOUT_MS = 24 * 3600 * 1000;
const PROGRESS_MS = 1000;

/**
 * Copies a file where blocks cannot be shared: holes stay holes, and runs of zeros become holes. By cp(1), which is
 * a hundred times as fast as a loop here and can be killed; then by sync(1) to disk, for the same reason.
 */
export async function sparseCopy(
  source: string,
  target: string,
  commands: CommandRunner,
  options: StepOptions,
): Promise<void> {
  const { signal } = options;
  const watcher = setInterval(() => void report(source, target, options), PROGRESS_MS);
  try {
    const args = ['--sparse=always', '--reflink=never', '--', source, target];
    await commands.run('cp', args, { timeoutMs: COPY_TIMEOUT_MS, signal });
    await syncByCommand(target, commands, signal);
  } finally {
    clearInterval(watcher);
  }
}

/** fsync(2) of a file that may have much to write: by sync(1), so that it holds none of Node's threads for files. */
export async function syncByCommand(
  path: string,
  commands: CommandRunner,
  signal: AbortSignal,
): Promise<void> {
  await commands.run('sync', ['--', path], { timeoutMs: COPY_TIMEOUT_MS, signal });
}

/** Progress is the share of the source's allocated blocks that the target has. It is a courtesy: its errors are not. */
async function report(source: string, target: string, { onProgress, signal }: StepOptions): Promise<void> {
  if (!onProgress || signal.aborted) return;
  const [from, to] = await Promise.all([source, target].map((path) => stat(path).catch(() => undefined)));
  if (from === undefined || to === undefined || from.blocks === 0) return;
  onProgress(Math.min(99, Math.floor((to.blocks / from.blocks) * 100)));
}
