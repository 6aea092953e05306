import { judgeCapacity } from '@scoria/domain';
import { PASSES, refuses, type Filter } from './filter.js';

/** The pool can still promise the size asked for (cinder-map §6.3), by what is claimed in it. */
export const capacityFilter: Filter = {
  name: 'CapacityFilter',
  judge(request, { state, claimedGib }) {
    const { fits, reason, virtualFreeGib } = judgeCapacity(state, claimedGib, request);
    return fits ? PASSES : refuses('not enough capacity', () => reason, virtualFreeGib);
  },
};
