import { judgeCapacity } from '@scoria/domain';
import { freeGib } from '../pool-view.js';
import { PASSES, refuses, type Filter } from './filter.js';

/** The pool can still promise the size asked for (cinder-map §6.3), by what is claimed in it. */
export const capacityFilter: Filter = {
  name: 'CapacityFilter',
  byShape: false,
  judge(request, pool) {
    const free = freeGib(pool, request.thick);
    if (free >= request.sizeGib) return PASSES;
    const detail = () => judgeCapacity(pool.state, pool.claimedGib, request).reason;
    return refuses('not enough capacity', detail, free);
  },
};
