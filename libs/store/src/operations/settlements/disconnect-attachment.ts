import type { DisconnectAttachmentInput } from '@scoria/operations';
import { lockVolumeOfAttachment } from '../../rows/attachments.js';
import { settleVolumeStatus } from '../../volume-status.js';
import type { Settlement } from './settlement.js';

export const settleDisconnectAttachment: Settlement<DisconnectAttachmentInput> = {
  message: { action: 'attachVolume', detail: 'detachFailed' },
  async succeed(tx, { resourceId, input }) {
    await lockVolumeOfAttachment(tx, resourceId);
    await tx.query('delete from attachments where id = $1', [resourceId]);
    await settleVolumeStatus(tx, input.volumeId);
  },
  async fail(tx, { resourceId, input }) {
    await lockVolumeOfAttachment(tx, resourceId);
    await tx.query(
      `update attachments set operation_id = null, status = 'error_detaching', updated_at = clock_timestamp()
        where id = $1`,
      [resourceId],
    );
    await settleVolumeStatus(tx, input.volumeId);
  },
};
