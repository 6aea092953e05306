import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for a condition, and fails after thirty seconds with what was waited for. */
export async function waitUntil(what: string, condition: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await sleep(10);
  }
}
