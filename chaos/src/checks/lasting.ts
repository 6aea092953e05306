import { until } from '../field/until.js';
import type { Finding } from './check.js';

/**
 * Milliseconds in which services mend by themselves what no operation stands for: a target daemon that was killed is
 * started again at most 30 s after it was found gone, and a comparison of exports that failed is made again 30 s later.
 * Twice that, for machines that are slow.
 */
const MENDED_MS = 120_000;

/** What is found each time for as long as services may take to mend it: what goes away by itself meanwhile is nothing. */
export async function lasting(look: () => Promise<Finding[]>, limitMs = MENDED_MS): Promise<Finding[]> {
  let found: Finding[] = [];
  const looked = async (): Promise<boolean> => {
    // What cannot be looked at may be what is being mended.
    found = await look().catch((error: unknown) => [
      { what: 'a check that could not be made', detail: String(error) },
    ]);
    return found.length === 0;
  };
  await until('services to mend what is left to them', limitMs, looked).catch(() => undefined);
  return found;
}
