import { Fault } from '@scoria/domain';
import type { Tx } from '../database.js';

/**
 * One row, locked until the transaction ends: what is checked of it then holds.
 *
 * @throws Fault `notFound` when it is absent or another project's
 */
export async function lockRow<Row>(
  tx: Tx,
  sql: string,
  { id, projectId, kind }: { id: string; projectId: string | null; kind: string },
): Promise<Row> {
  const rows = await tx.query<Row[]>(sql, [id, projectId]);
  if (rows.length === 0) throw new Fault('notFound', `${kind} ${id} could not be found.`);
  return rows[0]!;
}
