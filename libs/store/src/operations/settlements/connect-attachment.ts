import type { ConnectAttachmentInput } from '@scoria/operations';
import { settleVolumeStatus } from '../../volume-status.js';
import type { Settlement } from './settlement.js';

export const settleConnectAttachment: Settlement<ConnectAttachmentInput> = {
  message: { action: 'updateAttachment', detail: 'attachFailed' },
  async succeed(tx, { resourceId, input }) {
    await tx.query(
      `update attachments set operation_id = null, updated_at = clock_timestamp(),
              status = case when status in ('reserved', 'error_attaching') and not legacy then 'attaching' else status end
        where id = $1`,
      [resourceId],
    );
    await settleVolumeStatus(tx, input.volumeId);
  },
  async fail(tx, { resourceId, input }) {
    await tx.query(
      `update attachments set operation_id = null, status = 'error_attaching', updated_at = clock_timestamp()
        where id = $1`,
      [resourceId],
    );
    await settleVolumeStatus(tx, input.volumeId);
  },
};
