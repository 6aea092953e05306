import type { Tx } from '../database.js';

/** False when it is absent or not `projectId`'s (null: anybody's). */
export async function removeMessage(tx: Tx, id: string, projectId: string | null): Promise<boolean> {
  const [{ removed }] = (await tx.query(
    `with gone as (delete from messages where id = $1::uuid and ($2::text is null or project_id = $2) returning 1)
     select count(*)::int as removed from gone`,
    [id, projectId],
  )) as [{ removed: number }];
  return removed > 0;
}
