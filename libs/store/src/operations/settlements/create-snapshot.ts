import type { CreateSnapshotInput } from '@scoria/operations';
import type { Settlement } from './settlement.js';

export const settleCreateSnapshot: Settlement<CreateSnapshotInput> = {
  message: { action: 'createSnapshot', detail: 'snapshotCreateFailed' },
  async succeed(tx, { resourceId }) {
    await tx.query(
      `update snapshots set status = 'available', progress = '100%', operation_id = null,
                            updated_at = clock_timestamp() where id = $1`,
      [resourceId],
    );
  },
  async fail(tx, { resourceId }) {
    await tx.query(
      `update snapshots set status = 'error', operation_id = null, updated_at = clock_timestamp() where id = $1`,
      [resourceId],
    );
  },
};
