import type { Tx } from '../database.js';
import { settleVolumeStatus } from '../volume-status.js';

/**
 * Sets the status of a volume that no operation works on. `available` and `in-use` mean whatever its attachments imply:
 * a status that they contradict would only be found wrong later.
 */
export async function resetVolumeStatus(tx: Tx, id: string, status: string): Promise<void> {
  const follows = status === 'available' || status === 'in-use';
  await tx.query(
    `update volumes set status = $2, hold = null, hold_user_id = null, held_at = null, updated_at = clock_timestamp()
      where id = $1 and operation_id is null`,
    [id, follows ? 'available' : status],
  );
  if (follows) await settleVolumeStatus(tx, id);
}
