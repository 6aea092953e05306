import type { DeleteSnapshotInput } from '@scoria/operations';
import type { Settlement } from './settlement.js';

export const settleDeleteSnapshot: Settlement<DeleteSnapshotInput> = {
  message: { action: 'deleteSnapshot', detail: 'snapshotDeleteFailed' },
  async succeed(tx, { resourceId }) {
    await tx.query('delete from snapshots where id = $1', [resourceId]);
  },
  async fail(tx, { resourceId }) {
    await tx.query(
      `update snapshots set status = 'error_deleting', operation_id = null, updated_at = clock_timestamp()
        where id = $1`,
      [resourceId],
    );
  },
};
