import type { ConnectAttachmentInput } from '@scoria/operations';
import type { Tx } from '../../database.js';
import { lockVolumeOfAttachment } from '../../rows/attachments.js';
import { settleVolumeStatus } from '../../volume-status.js';
import type { Settlement } from './settlement.js';

export const settleConnectAttachment: Settlement<ConnectAttachmentInput> = {
  message: { action: 'updateAttachment', detail: 'attachFailed' },
  async succeed(tx, { resourceId, input }) {
    await lockVolumeOfAttachment(tx, resourceId);
    await tx.query(
      `update attachments set operation_id = null, updated_at = clock_timestamp(),
              status = case when status in ('reserved', 'error_attaching') and not legacy then 'attaching' else status end
        where id = $1`,
      [resourceId],
    );
    await settleVolumeStatus(tx, input.volumeId);
  },
  /**
   * An export that was there before the request is there still (the undo has seen to that), and whoever uses it is as
   * attached as before. A connection made by the older calls that never came about leaves no row: its client knows no
   * attachment.
   */
  async fail(tx, { resourceId, input }) {
    await lockVolumeOfAttachment(tx, resourceId);
    if (await keepConnection(tx, resourceId, input)) return settleVolumeStatus(tx, input.volumeId);
    await tx.query(`delete from attachments where id = $1 and legacy and status = 'reserved'`, [resourceId]);
    await tx.query(
      `update attachments set operation_id = null, status = 'error_attaching', updated_at = clock_timestamp()
        where id = $1`,
      [resourceId],
    );
    await settleVolumeStatus(tx, input.volumeId);
  },
};

/** Gives an attachment that is still exported back what the request has overwritten. False when it is not exported. */
async function keepConnection(
  tx: Tx,
  id: string,
  { previous }: Pick<ConnectAttachmentInput, 'previous'>,
): Promise<boolean> {
  const [, kept] = await tx.query<[unknown[], number]>(
    `update attachments set operation_id = null, updated_at = clock_timestamp() where id = $1 and exported`,
    [id],
  );
  if (kept === 0) return false;
  if (previous) {
    const { connector, mode, attachedHost, mountpoint } = previous;
    await tx.query(
      `update attachments set connector = $2, mode = $3, attached_host = $4, mountpoint = $5 where id = $1`,
      [id, JSON.stringify(connector), mode, attachedHost, mountpoint],
    );
  }
  return true;
}
