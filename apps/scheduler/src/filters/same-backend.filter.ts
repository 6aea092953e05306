import { PASSES, refuses, type Filter } from './filter.js';

/** Hint `same_host`: the pool holds one of the volumes named. */
export const sameBackendFilter: Filter = {
  name: 'SameBackendFilter',
  byShape: false,
  judge({ sameHost }, { state }) {
    if (sameHost === undefined) return PASSES;
    if (!sameHost.valid) return refuses('not sought, as same_host names no volume', () => 'no UUID');
    return sameHost.pools.has(state.address)
      ? PASSES
      : refuses('without the volumes of same_host', () => 'holds none of them');
  },
};
