import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds between two looks at what is waited for. */
export const POLL_MS = 25;

/** Waits, without keeping the process alive. False when the wait was ended by the signal. */
export function slept(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  return sleep(milliseconds, true, { signal, ref: false }).catch(() => false);
}

/** @throws Error `otherwise` when the condition does not come true within the time */
export async function until(
  condition: () => Promise<boolean>,
  timeoutMs: number,
  otherwise: string,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(otherwise);
    await sleep(POLL_MS);
  }
}
