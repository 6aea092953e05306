import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 100;

/** Waits for a condition, up to a limit. @throws Error that names what did not come about */
export async function until(what: string, limitMs: number, holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited ${Math.round(limitMs / 1000)} s for ${what}`);
    await delay(POLL_MS);
  }
}

/** What `work` comes to, if it does within the limit; it goes on unheard otherwise. @throws Error that names it */
export async function within<T>(what: string, limitMs: number, work: Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = delay(limitMs, undefined, { signal: over.signal }).then(() => {
    throw new Error(`waited ${Math.round(limitMs / 1000)} s for ${what}`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    over.abort();
  }
}

/** Sleeps, less long when the signal is raised meanwhile. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, signal ? { signal } : {}).catch(() => undefined);
}
