/**
 * Seconds before the next try: 1, 2, 4, … up to `maxSeconds`, each less up to a half at random, so that receivers that
 * failed together are not tried together.
 *
 * @param failures in a row, before this one
 */
export function backOffSeconds(failures: number, maxSeconds: number, random = Math.random): number {
  const full = Math.min(2 ** Math.min(failures, 30), maxSeconds);
  return full * (1 - random() / 2);
}
