import type { Database } from '../database.js';

/** Asks whoever runs the operation to stop and undo it. False when it has ended already. */
export async function requestCancel(database: Database, operationId: string): Promise<boolean> {
  const rows = await database.query<{ n: number }>(
    `with cancelled as (
       update operations set cancel_requested = true, updated_at = clock_timestamp() where id = $1 and live returning 1)
     select count(*)::int as n from cancelled`,
    [operationId],
  );
  return rows[0]!.n === 1;
}
