import { doorbell, type Bus } from '@scoria/contracts';
import { describeError } from '@scoria/domain';
import type { ServiceLogger } from './logger.js';

/** Tells the service behind a queue that an operation's step is due. */
export type Ring = (due: { queue: string; operationId: string; step: number }) => Promise<void>;

/**
 * Rings over the bus. A bell that cannot be delivered is logged and forgotten: the work is in the database, and the
 * service that is to do it looks there every few seconds.
 */
export function ringOver(bus: Bus, logger: ServiceLogger): Ring {
  return async ({ queue, operationId, step }) => {
    try {
      await bus.cast(doorbell, queue, { operationId, step }, { timeoutMs: 1000 });
    } catch (error) {
      logger.debug(
        { queue, operationId, reason: describeError(error) },
        'doorbell not delivered; a sweep will find it',
      );
    }
  };
}
