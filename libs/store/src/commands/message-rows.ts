import type { Database, Tx } from '../database.js';

/** Messages removed by one statement at most. */
const BATCH = 1000;

/** Removes messages past their time, which no list shows any more. Answers whether there may be more. */
export async function forgetOldMessages(database: Database): Promise<{ removed: number; more: boolean }> {
  const rows = await database.query<{ removed: number }>(
    `with gone as (
       delete from messages where id in (
         select id from messages where expires_at < now() order by expires_at limit ${BATCH} for update skip locked)
       returning 1)
     select count(*)::int as removed from gone`,
  );
  const { removed } = rows[0]!;
  return { removed, more: removed === BATCH };
}

/** False when it is absent or not `projectId`'s (null: anybody's). */
export async function removeMessage(tx: Tx, id: string, projectId: string | null): Promise<boolean> {
  const [{ removed }] = (await tx.query(
    `with gone as (delete from messages where id = $1::uuid and ($2::text is null or project_id = $2) returning 1)
     select count(*)::int as removed from gone`,
    [id, projectId],
  )) as [{ removed: number }];
  return removed > 0;
}
