import { setTimeout as delay } from 'node:timers/promises';
import { describeError } from '@scoria/domain';
import { Database, isDatabaseAway, type DatabaseOptions } from '@scoria/store';
import type { Logger } from '@scoria/telemetry';

const FIRST_PAUSE_MS = 200;
const LAST_PAUSE_MS = 5000;

/**
 * Connects, and waits for as long as the database is away: services start in any order, and a failover in the moment of
 * their start must not end them. What no wait mends, such as a wrong password, is thrown.
 */
export async function openDatabase(
  options: DatabaseOptions,
  logger: Pick<Logger, 'warn'>,
): Promise<Database> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS)) {
    try {
      return await Database.open(options);
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
      logger.warn({ reason: describeError(error), againInMs: pauseMs }, 'waiting for the database');
      await delay(pauseMs);
    }
  }
}
