import { dirname } from 'node:path';
import { open, stat, truncate } from 'node:fs/promises';
import { copyDisk, type CommandRunner } from '@scoria/commands';
import type { StepOptions } from '../driver.js';
import type { Draft } from './draft.js';
import { COPY_TIMEOUT_MS, syncByCommand } from './sparse-copy.js';
import { syncPath } from './sync-path.js';

/**
 * Copies a file where blocks cannot be shared, one window after the other: a call that is cut short costs the windows
 * since its last checkpoint. Holes stay holes.
 *
 * @throws CommandError, with `notFound` where there is no qemu-img
 */
export async function windowedCopy(
  source: string,
  target: string,
  commands: CommandRunner,
  options: StepOptions,
  draft: Draft,
): Promise<void> {
  const { signal, onProgress } = options;
  const { size: bytes } = await stat(source);
  if (draft.from === 0) await (await open(target, 'w', 0o600)).close();
  // What an unfinished window has left is cut off.
  await truncate(target, draft.from);
  await truncate(target, bytes);
  onProgress?.(percent(draft.from, bytes));
  await copyDisk(commands, {
    source: { format: 'raw', path: source },
    target: { format: 'raw', path: target },
    bytes,
    from: draft.from,
    timeoutMs: COPY_TIMEOUT_MS,
    signal,
    onProgress: (done) => onProgress?.(percent(done, bytes)),
    onWindow: async (done) => {
      if (!draft.due || done === bytes) return;
      await syncByCommand(target, commands, signal);
      await syncPath(dirname(target));
      await draft.save(done);
    },
  });
  await syncByCommand(target, commands, signal);
}

const percent = (done: number, bytes: number): number => Math.min(99, Math.floor((done / bytes) * 100));
