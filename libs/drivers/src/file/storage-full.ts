import { CommandError } from '@scoria/commands';
import { Fault } from '@scoria/domain';

/** Runs what writes; storage that is full becomes a Fault that placement understands: try elsewhere. */
export async function writing<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (isFull(error)) throw new Fault('unavailable', 'The storage is full.', { cause: error });
    throw error;
  }
}

/** Commands say it in words, which LC_ALL=C keeps English. */
function isFull(error: unknown): boolean {
  if (error instanceof CommandError) return error.stderr.includes('No space left on device');
  return ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');
}
