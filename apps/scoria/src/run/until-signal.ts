import type { Logger } from '@scoria/telemetry';

/** Milliseconds that a stopping process has before it goes whatever still runs: leases do the rest. */
export const STOP_LIMIT_MS = 20_000;
/** Milliseconds that running steps have to finish before they are handed over. */
export const DRAIN_MS = 5_000;

/**
 * Waits for SIGINT or SIGTERM, then stops; a second signal, or the limit, ends the process at once. Nothing is lost
 * by that: state is in the database.
 */
export async function untilSignal(
  logger: Pick<Logger, 'info' | 'error'>,
  stop: () => Promise<void>,
): Promise<void> {
  const signal = await new Promise<NodeJS.Signals>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  logger.info({ signal }, 'stopping');
  const exit = (): never => process.exit(1);
  process.once('SIGINT', exit);
  process.once('SIGTERM', exit);
  setTimeout(exit, STOP_LIMIT_MS).unref();
  await stop();
}
