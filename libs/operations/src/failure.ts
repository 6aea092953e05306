import { Fault, describeError, storableText } from '@scoria/domain';
import type { OperationError } from './record.js';

/** Thrown by a step that only has to wait: does not count as a failed try. */
export class NotYet extends Error {
  override name = 'NotYet';
  constructor(
    reason: string,
    readonly delayMs = 1000,
  ) {
    super(reason);
  }
}

export type FailureClass = 'wait' | 'transient' | 'elsewhere' | 'final';

/** Faults of the platform, which time or another place may mend; every other fault is the request's own. */
const PLATFORM_FAULTS = new Set(['unavailable', 'badGateway', 'internal']);

/**
 * What to do about a step's error: wait without counting; try again; after the last try, try another place; or give
 * up at once.
 */
export function classify(error: unknown, attemptsLeft: boolean): FailureClass {
  if (error instanceof NotYet) return 'wait';
  if (error instanceof Fault && !PLATFORM_FAULTS.has(error.kind)) return 'final';
  return attemptsLeft ? 'transient' : 'elsewhere';
}

/**
 * The two audiences of a failure. Only a `Fault` has words meant for the tenant. Its texts can be stored, whatever a driver
 * or a command has said.
 */
export function toOperationError(error: unknown): OperationError {
  const message = error instanceof Fault ? error.message : 'The operation failed on the storage side.';
  const detail = error instanceof Fault ? error.detail : undefined;
  const kind = error instanceof Fault ? { kind: error.kind } : {};
  return {
    message: storableText(message),
    ...kind,
    ...(detail === undefined ? {} : { detail }),
    cause: storableText(describeError(error)),
  };
}

/** Full-jitter exponential back-off in milliseconds. */
export function backoff(
  attempt: number,
  { baseDelayMs, maxDelayMs }: { baseDelayMs: number; maxDelayMs: number },
): number {
  const ceiling = Math.min(maxDelayMs, baseDelayMs * 2 ** Math.min(attempt, 20));
  return Math.round(ceiling / 2 + (Math.random() * ceiling) / 2);
}
