import type { Tx } from '../database.js';
import { settleVolumeStatus } from '../volume-status.js';

/** Holds a volume for a client that is about to attach (`reserve`) or detach it. */
export async function holdVolume(
  tx: Tx,
  id: string,
  hold: 'reserve' | 'detach',
  userId: string,
): Promise<void> {
  await tx.query(
    'update volumes set hold = $2, hold_user_id = $3, held_at = clock_timestamp() where id = $1',
    [id, hold, userId],
  );
  await settleVolumeStatus(tx, id);
}

/** Ends whatever hold there is, and gives the volume the status that its attachments imply. */
export async function releaseHold(tx: Tx, id: string): Promise<void> {
  await tx.query('update volumes set hold = null, hold_user_id = null, held_at = null where id = $1', [id]);
  await settleVolumeStatus(tx, id);
}
