import type { Logger } from '@scoria/telemetry';

/** Milliseconds that a stopping process has before it goes whatever still runs: leases do the rest. */
export const STOP_LIMIT_MS = 20_000;
/** Milliseconds that running steps have to finish before they are handed over, and requests before they must answer. */
export const DRAIN_MS = 5_000;

export interface Stoppable {
  /** May last: a storage host waits for its backends. */
  start(): Promise<void>;
  /** Also of what has not quite started. */
  stop(): Promise<void>;
}

/**
 * Starts a service and stops it at SIGINT or SIGTERM, whether it has quite started or not; a second signal, or the limit,
 * ends the process at once. Nothing is lost by that: state is in the database.
 *
 * @param limitMs milliseconds from the signal on
 * @throws what `start` throws
 */
export async function untilSignal(
  logger: Pick<Logger, 'info' | 'error'>,
  service: Stoppable,
  limitMs = STOP_LIMIT_MS,
): Promise<void> {
  const signalled = new Promise<NodeJS.Signals>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  const starting = service.start();
  const failed = new Promise<never>((_, reject) => void starting.catch(reject));
  const signal = await Promise.race([signalled, failed]);
  logger.info({ signal }, 'stopping');
  const exit = (): never => process.exit(1);
  process.once('SIGINT', exit);
  process.once('SIGTERM', exit);
  setTimeout(exit, limitMs).unref();
  await service.stop();
}
