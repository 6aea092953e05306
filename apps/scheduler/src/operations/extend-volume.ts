import { Fault } from '@scoria/domain';
import { extendVolume, type ExtendVolumeInput, type StepHandler } from '@scoria/operations';
import { findPlacement, resizeClaim, type Tx } from '@scoria/store';
import { capabilitiesFilter } from '../filters/capabilities.filter.js';
import { capacityFilter } from '../filters/capacity.filter.js';
import type { Filter } from '../filters/filter.js';
import { noBackend } from '../no-backend.js';
import { placementRequest } from '../placement-request.js';
import { poolView, strictLimitGib } from '../pool-view.js';
import { refusals, type RefusedPool } from '../rank.js';
import type { StepDeps, Steps } from './deps.js';

/** The filters that growth has to pass as well, where they are enabled (Cinder behaviour). */
const FOR_GROWTH = new Set<Filter>([capacityFilter, capabilitiesFilter]);

export function implementExtendVolume(steps: Steps, deps: StepDeps): void {
  steps.implement(extendVolume, 'claim', claimGrowth(deps));
}

/**
 * Claims what the volume grows by, in the pool where it is. Judged by the pool's row rather than by what this process
 * remembers, as there is only one pool to ask about.
 */
const claimGrowth = ({ database, pools, policy }: StepDeps): StepHandler<Tx, ExtendVolumeInput> => ({
  async run({ resourceId, input: { newSize, oldSize } }) {
    const volume = await findPlacement(database, resourceId);
    if (!volume?.pool || !volume.poolState) {
      throw new Fault('conflict', `Volume ${resourceId} is in no pool.`, { detail: 'volumeStateInvalid' });
    }
    const { pool, poolState, poolClaimedGib: claimedGib, extraSpecs } = volume;
    const sizeGib = newSize - oldSize;
    const growsAttached = volume.attachStatus !== 'detached';
    const request = placementRequest({ resourceId, sizeGib, growsAttached }, extraSpecs);
    const view = poolView(poolState, { claimedGib });
    const refused = refusals(
      request,
      [view],
      policy.filters.filter((filter) => FOR_GROWTH.has(filter)),
    );
    if (refused.length > 0) throw noBackend(sizeGib, refused);
    return {
      backend: poolState.backend,
      async commit(tx) {
        const limit = strictLimitGib(view, request.thick);
        if (!(await resizeClaim(tx, pool, resourceId, newSize, limit)))
          throw noBackend(sizeGib, [full(pool)]);
        pools.consume(pool, sizeGib, 0);
        return { data: { claimed: true } };
      },
    };
  },

  async undo({ resourceId, input: { oldSize } }) {
    const volume = await findPlacement(database, resourceId);
    return {
      async commit(tx) {
        if (volume?.pool) await resizeClaim(tx, volume.pool, resourceId, oldSize);
      },
    };
  },
});

const full = (address: string): RefusedPool => ({
  address,
  reasons: [{ filter: 'claim', reason: 'not enough capacity', detail: 'no room left for the growth' }],
});
