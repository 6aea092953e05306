import type { Tx } from '../database.js';
import type { DueOperation } from '../operations/insert-operation.js';

/**
 * Locks what runs for a row, before the row itself. For requests that mostly cancel it: the engine locks an operation and
 * then what it changes, and a request in the other order would wait for the engine while the engine waits for it.
 */
export async function lockOperationOf(tx: Tx, table: 'volumes' | 'snapshots', id: string): Promise<void> {
  await tx.query(
    `select from operations where live and id = (select operation_id from ${table} where id = $1::uuid)
        for no key update`,
    [id],
  );
}

/**
 * Asks whoever runs the operation to stop and undo it; without effect when it has ended. See `lockOperationOf`. One that
 * waits is due at once. Answers whom to ring after the commit: claims skip the row until then, whatever bell they heard.
 */
export const requestCancel = (tx: Tx, operationId: string): Promise<DueOperation[]> =>
  cancel(tx, '$1', operationId);

/**
 * The same for a request that holds what the operation changes already: an operation that somebody has in hand at this
 * moment, to commit it or to claim it, is left alone instead of waited for. Answers nothing then.
 */
export const requestCancelIfFree = (tx: Tx, operationId: string): Promise<DueOperation[]> =>
  cancel(tx, '(select id from operations where id = $1 for update skip locked)', operationId);

async function cancel(tx: Tx, which: string, operationId: string): Promise<DueOperation[]> {
  const [rows] = await tx.query<[DueOperation[], number]>(
    `update operations set cancel_requested = true, updated_at = clock_timestamp(),
            due_at = case when owner is null then least(due_at, now()) else due_at end
      where id = ${which} and live
      returning id as "operationId", queue, step`,
    [operationId],
  );
  return rows;
}
