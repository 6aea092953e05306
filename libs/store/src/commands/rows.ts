import { Fault } from '@scoria/domain';
import type { Tx } from '../database.js';

export interface LockRequest {
  table: 'volumes' | 'snapshots' | 'attachments' | 'operations';
  /** E.g. `Volume`. */
  kind: string;
  id: string;
  /** Whose it must be; null: anybody's. */
  projectId: string | null;
  /** `update` to change it, `share` to read it while nobody may change it. */
  strength: 'update' | 'share';
}

/**
 * Locks one row until the transaction ends and then reads it by `sql` (its id is `$1`). Two statements: one that waited
 * for the lock would still see other tables as they were before the wait, e.g. miss the snapshot that was being made.
 *
 * @throws Fault `notFound` when it is absent or another project's
 */
export async function lockRow<Row>(tx: Tx, sql: string, request: LockRequest): Promise<Row> {
  const { table, kind, id, projectId, strength } = request;
  const locked = await tx.query<unknown[]>(
    `select from ${table} where id = $1::uuid and ($2::text is null or project_id = $2) for ${strength}`,
    [id, projectId],
  );
  const [row] = locked.length === 0 ? [] : await tx.query<Row[]>(sql, [id]);
  if (row === undefined) throw new Fault('notFound', `${kind} ${id} could not be found.`);
  return row;
}
