import { inspect } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';

const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 200;
const DEFAULT_TIMEOUT_MS = 20_000;

export interface WaitForOptions<T> {
  /** Default 20 s. A test's own time limit must be longer. */
  timeoutMs?: number;
  /** What is waited for, as it shall stand in the error. */
  describe?: string;
  /** Which value ends the wait. Default: any that is neither undefined, null nor false. */
  until?: (value: T) => boolean;
}

/**
 * Asks `condition` again and again until its value is the one waited for, and returns that value. An exception counts
 * as "not yet". Throws after the time limit, naming the last value or exception seen.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  options: WaitForOptions<T> = {},
): Promise<Exclude<T, undefined | null | false>> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, describe = 'the condition' } = options;
  const until = options.until ?? ((value) => value !== undefined && value !== null && value !== false);
  const deadline = performance.now() + timeoutMs;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
    let seen: string;
    let cause: unknown;
    try {
      const value = await condition();
      if (until(value)) return value as Exclude<T, undefined | null | false>;
      seen = `the last value was ${inspect(value, { depth: 4, breakLength: 110 })}`;
    } catch (error) {
      seen = `it last threw ${String(error)}`;
      cause = error;
    }
    if (performance.now() >= deadline) {
      throw new Error(
        `waited ${timeoutMs} ms for ${describe}: ${seen}`,
        cause === undefined ? {} : { cause },
      );
    }
    await delay(pause);
  }
}
