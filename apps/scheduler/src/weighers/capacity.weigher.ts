import { judgeCapacity } from '@scoria/domain';
import type { Weigher } from './weigher.js';

/** What the pool can still promise, GiB. Pools without a bound come last, whichever way the order goes (Cinder behaviour). */
export const capacityWeigher: Weigher = {
  name: 'CapacityWeigher',
  raw(request, { state, claimedGib }, multiplier) {
    const { virtualFreeGib } = judgeCapacity(state, claimedGib, request);
    return virtualFreeGib === Infinity && multiplier > 0 ? -1 : virtualFreeGib;
  },
};
