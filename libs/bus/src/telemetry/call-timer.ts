import type { BusMetrics } from './metrics.js';

/** Records how long a call took and how it ended. */
export async function timedCall<T>(
  metrics: BusMetrics,
  contract: string,
  call: () => Promise<T>,
): Promise<T> {
  const start = performance.now();
  const seconds = (): number => (performance.now() - start) / 1000;
  try {
    const answer = await call();
    metrics.recordCall(contract, seconds());
    return answer;
  } catch (error) {
    const name = error instanceof Error ? error.name : 'Error';
    metrics.recordCall(contract, seconds(), name);
    if (name === 'UnroutableError') metrics.countReturned(contract);
    throw error;
  }
}
