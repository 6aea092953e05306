import type { CreateVolumeInput } from '@scoria/operations';
import type { Settlement } from './settlement.js';
import { launchVolume } from '../../volume-status.js';

export const settleCreateVolume: Settlement<CreateVolumeInput> = {
  message: { action: 'createVolumeFromBackend', detail: 'driverCreateFailed' },
  succeed: (tx, { resourceId }) => launchVolume(tx, resourceId),
  /** The undo of `place` has given the claim back; the usage stays with the row until the tenant deletes it. */
  async fail(tx, { resourceId }) {
    await tx.query(
      `update volumes set status = 'error', operation_id = null, updated_at = clock_timestamp() where id = $1`,
      [resourceId],
    );
  },
};
