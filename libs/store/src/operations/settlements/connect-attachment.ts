import type { ConnectAttachmentInput } from '@scoria/operations';
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
  /** A connection made by the older calls that never came about leaves no row: its client knows no attachment. */
  async fail(tx, { resourceId, input }) {
    await lockVolumeOfAttachment(tx, resourceId);
    await tx.query(`delete from attachments where id = $1 and legacy and status = 'reserved'`, [resourceId]);
    await tx.query(
      `update attachments set operation_id = null, status = 'error_attaching', updated_at = clock_timestamp()
        where id = $1`,
      [resourceId],
    );
    await settleVolumeStatus(tx, input.volumeId);
  },
};
