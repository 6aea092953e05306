import type { ExtendVolumeInput } from '@scoria/operations';
import { releaseVolume } from '../../volume-status.js';
import type { Settlement } from './settlement.js';

export const settleExtendVolume: Settlement<ExtendVolumeInput> = {
  message: { action: 'extendVolume', detail: 'driverExtendFailed' },
  async succeed(tx, { resourceId, input }) {
    await tx.query('update volumes set size = $2, pending_size = null where id = $1', [
      resourceId,
      input.newSize,
    ]);
    await releaseVolume(tx, resourceId);
  },
  /**
   * Without room for the growth nothing was touched and the old status comes back (Cinder behaviour). Later, the
   * volume may be larger already, and somebody has to look.
   */
  async fail(tx, { resourceId, data }) {
    if (!data['claimed']) return releaseVolume(tx, resourceId);
    await tx.query(
      `update volumes set status = 'error_extending', operation_id = null, pending_size = null,
                          updated_at = clock_timestamp() where id = $1`,
      [resourceId],
    );
  },
};
