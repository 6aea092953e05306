import type { Tx } from '../database.js';

/** Asks whoever runs the operation to stop and undo it; without effect when it has ended. */
export async function requestCancel(tx: Tx, operationId: string): Promise<void> {
  await tx.query(
    'update operations set cancel_requested = true, updated_at = clock_timestamp() where id = $1 and live',
    [operationId],
  );
}
