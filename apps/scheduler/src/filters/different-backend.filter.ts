import { PASSES, refuses, type Filter } from './filter.js';

/** Hint `different_host`: the pool holds none of the volumes named. */
export const differentBackendFilter: Filter = {
  name: 'DifferentBackendFilter',
  byShape: false,
  judge({ differentHost }, { state }) {
    if (differentHost === undefined) return PASSES;
    if (!differentHost.valid)
      return refuses('not sought, as different_host names no volume', () => 'no UUID');
    return differentHost.pools.has(state.address)
      ? refuses('with a volume of different_host', () => 'holds one of them')
      : PASSES;
  },
};
