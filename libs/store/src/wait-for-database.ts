import { setTimeout as delay } from 'node:timers/promises';
import { describeError } from '@scoria/domain';
import { isDatabaseAway } from './errors.js';

const FIRST_PAUSE_MS = 200;
const LAST_PAUSE_MS = 5000;

/**
 * Does what a service needs of the database to begin, and waits for as long as that is away: services start in any
 * order, and a failover in the moment of their start must not end them. What no wait mends, such as a wrong password, is
 * thrown.
 */
export async function waitForDatabase<T>(
  work: () => Promise<T>,
  logger: { warn(fields: object, message: string): void },
): Promise<T> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
      logger.warn({ reason: describeError(error), againInMs: pauseMs }, 'waiting for the database');
      await delay(pauseMs);
    }
  }
}
