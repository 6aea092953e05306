/**
 * Seconds that a clock is ahead of ours, at least, when it was read at some time between two readings of ours; all three in
 * milliseconds. How long it took until it was read, and until the answer came, is not held against it.
 */
export function secondsAhead(clock: number, before: number, after: number): number {
  if (clock < before) return (clock - before) / 1000;
  return Math.max(0, clock - after) / 1000;
}
