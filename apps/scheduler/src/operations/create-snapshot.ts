import { Fault } from '@scoria/domain';
import { createSnapshot, type CreateSnapshotInput, type StepHandler } from '@scoria/operations';
import { claimForSnapshot, findPlacement, findSnapshot, releaseClaim, type Tx } from '@scoria/store';
import { noBackend } from '../no-backend.js';
import type { StepDeps, Steps } from './deps.js';

export function implementCreateSnapshot(steps: Steps, deps: StepDeps): void {
  steps.implement(createSnapshot, 'claim', claim(deps));
}

/** Claims the snapshot's size in its volume's pool, where a snapshot is a full copy; elsewhere it costs nothing. */
const claim = ({ database, pools }: StepDeps): StepHandler<Tx, CreateSnapshotInput> => ({
  async run({ resourceId, input: { volumeId } }) {
    const [snapshot, volume] = await Promise.all([
      findSnapshot(database, resourceId),
      findPlacement(database, volumeId),
    ]);
    if (!snapshot) throw new Fault('notFound', `Snapshot ${resourceId} could not be found.`);
    if (!volume?.pool || !volume.poolState) {
      throw new Fault('conflict', `Volume ${volumeId} is in no pool.`, { detail: 'volumeStateInvalid' });
    }
    const { pool, poolState } = volume;
    const { volumeSize: sizeGib } = snapshot;
    return {
      backend: poolState.backend,
      async commit(tx) {
        if (!poolState.snapshotsClaimCapacity) return;
        if (!(await claimForSnapshot(tx, pool, resourceId, sizeGib))) {
          const reason = {
            filter: 'claim',
            reason: 'not enough capacity',
            detail: `no room for ${sizeGib} GiB`,
          };
          throw noBackend(sizeGib, [{ address: pool, reasons: [reason] }]);
        }
        pools.consume(pool, sizeGib, 0);
      },
    };
  },

  async undo({ resourceId }) {
    return { commit: (tx) => releaseClaim(tx, { snapshotId: resourceId }) };
  },
});
