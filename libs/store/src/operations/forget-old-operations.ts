import type { Database } from '../database.js';

/** Operations removed by one statement at most, so that it never holds anyone up. */
const BATCH = 1000;

/**
 * Removes operations that ended more than `days` ago, a bounded number of the oldest. Answers whether there may be more.
 * Another process that does the same is not waited for.
 */
export async function forgetOldOperations(
  database: Database,
  days: number,
): Promise<{ removed: number; more: boolean }> {
  // An operation ends after it was made, so that the index by creation bounds what is looked at.
  const rows = await database.query<{ removed: number }>(
    `with gone as (
       delete from operations where id in (
         select id from operations
          where created_at < now() - make_interval(days => $1)
            and finished_at < now() - make_interval(days => $1) and not live
          order by created_at, id limit ${BATCH} for update skip locked)
       returning 1)
     select count(*)::int as removed from gone`,
    [days],
  );
  const { removed } = rows[0]!;
  return { removed, more: removed === BATCH };
}
