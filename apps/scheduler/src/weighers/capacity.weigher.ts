import { freeGib } from '../pool-view.js';
import type { Weigher } from './weigher.js';

/** What the pool can still promise, GiB. Pools without a bound come last, whichever way the order goes (Cinder behaviour). */
export const capacityWeigher: Weigher = {
  name: 'CapacityWeigher',
  raw({ thick }, pool, multiplier) {
    const free = freeGib(pool, thick);
    return free === Infinity && multiplier > 0 ? -1 : free;
  },
};
