/** Milliseconds for which a reading is good: however often /metrics is asked, the database is not. */
export const FRESH_MS = 5000;

/**
 * `read` at most once in `forMs` milliseconds, and never twice at once. Several metrics can share one statement by
 * reading from one `cached` function. A failure is not kept.
 */
export function cached<T>(read: () => Promise<T>, forMs = FRESH_MS): () => Promise<T> {
  let reading: Promise<T> | undefined;
  let goodUntil = 0;
  return () => {
    if (reading && performance.now() < goodUntil) return reading;
    goodUntil = Infinity;
    reading = read();
    reading.then(
      () => (goodUntil = performance.now() + forMs),
      () => (reading = undefined),
    );
    return reading;
  };
}
