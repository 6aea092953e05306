import { Fault } from '@scoria/domain';

/**
 * Runs `action` with a signal that is raised when the caller's is, or when the time is over.
 *
 * @throws Fault `unavailable` when the time was over, else what `action` throws
 */
export async function withTimeLimitFault<T>(
  { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
  action: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    return await action(AbortSignal.any([signal, limit]));
  } catch (cause) {
    if (!limit.aborted || signal.aborted || cause instanceof Fault) throw cause;
    throw new Fault('unavailable', `The image took longer than ${Math.round(timeoutMs / 1000)} seconds.`, {
      cause,
    });
  }
}
