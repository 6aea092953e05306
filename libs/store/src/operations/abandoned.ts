import type { Worker } from '@scoria/operations';
import type { Database } from '../database.js';
import { REMEMBER_LOST } from './history.js';

/**
 * Gives up all claims that others hold on a queue. Only for a process that has proof that the others are dead: it
 * holds the backend's lock. Saves the wait for their leases.
 */
export async function takeOverQueue(database: Database, queue: string, worker: Worker): Promise<number> {
  const [, count] = (await database.query(
    `update operations o set owner = null, due_at = least(due_at, now()), history = ${REMEMBER_LOST}
      where live and queue = $1 and owner <> $2`,
    [queue, worker.id],
  )) as unknown as [unknown[], number];
  return count;
}
