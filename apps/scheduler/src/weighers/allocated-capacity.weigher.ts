import type { Weigher } from './weigher.js';

/** What is claimed in the pool already, GiB. Spreads by size with a negative multiplier. */
export const allocatedCapacityWeigher: Weigher = {
  name: 'AllocatedCapacityWeigher',
  raw: (_request, { claimedGib }) => claimedGib,
};
