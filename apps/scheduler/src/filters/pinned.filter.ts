import { backendName, parseBackendAddress } from '@scoria/domain';
import { PASSES, refuses, type Filter } from './filter.js';

const REASON = 'away from the data that the volume is made of';

/**
 * A copy is made where its source is: on the same backend, and in the same pool unless the driver can clone from one
 * pool to another (capability `clone_across_pools`).
 */
export const pinnedFilter: Filter = {
  name: 'PinnedFilter',
  byShape: true,
  judge({ pinnedTo }, { state }) {
    if (pinnedTo === null || pinnedTo === state.address || pinnedTo === state.backend) return PASSES;
    const source = parseBackendAddress(pinnedTo);
    if (source === undefined || backendName(source) !== state.backend) {
      return refuses(REASON, () => 'another backend');
    }
    return state.extra['clone_across_pools'] === true
      ? PASSES
      : refuses(REASON, () => 'another pool, and the driver cannot clone across pools');
  },
};
