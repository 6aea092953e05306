import type { DisconnectAttachmentInput } from '@scoria/operations';
import { settleVolumeStatus } from '../../volume-status.js';
import type { Settlement } from './settlement.js';

export const settleDisconnectAttachment: Settlement<DisconnectAttachmentInput> = {
  message: { action: 'attachVolume', detail: 'detachFailed' },
  async succeed(tx, { resourceId, input }) {
    await tx.query('delete from attachments where id = $1', [resourceId]);
    await settleVolumeStatus(tx, input.volumeId);
  },
  async fail(tx, { resourceId, input }) {
    await tx.query(
      `update attachments set operation_id = null, status = 'error_detaching', updated_at = clock_timestamp()
        where id = $1`,
      [resourceId],
    );
    await settleVolumeStatus(tx, input.volumeId);
  },
};
