import type { Tx } from '../database.js';

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

/** Asks whoever runs the operation to stop and undo it; without effect when it has ended. See `lockOperationOf`. */
export async function requestCancel(tx: Tx, operationId: string): Promise<void> {
  await tx.query(
    'update operations set cancel_requested = true, updated_at = clock_timestamp() where id = $1 and live',
    [operationId],
  );
}
