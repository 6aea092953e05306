import type { DeleteVolumeInput } from '@scoria/operations';
import { removeSnapshotsOfOperation } from '../../rows/volumes.js';
import type { Settlement } from './settlement.js';

export const settleDeleteVolume: Settlement<DeleteVolumeInput> = {
  /** Usage and claim go with the row: the claim by cascade, the usage by its trigger. */
  async succeed(tx, { id, resourceId, input }) {
    // Gone already, unless the operation was abandoned and its volume is to be forgotten.
    if (input.cascade) await removeSnapshotsOfOperation(tx, id);
    await tx.query('delete from volumes where id = $1', [resourceId]);
  },
  async fail(tx, { id }) {
    for (const table of ['snapshots', 'volumes']) {
      await tx.query(
        `update ${table} set status = 'error_deleting', operation_id = null, updated_at = clock_timestamp()
          where operation_id = $1`,
        [id],
      );
    }
  },
};
