import { parseBackendAddress } from '@scoria/domain';
import { PASSES, refuses, type Filter } from './filter.js';

/**
 * Hint `local_to_instance`: the pool is on the host that the server runs on. That host is known from the server's
 * attachments; of a server that has none, nobody here can tell, and no pool will do.
 */
export const instanceLocalityFilter: Filter = {
  name: 'InstanceLocalityFilter',
  byShape: false,
  judge({ localToInstance }, { state }) {
    if (localToInstance === undefined) return PASSES;
    const { valid, host } = localToInstance;
    if (!valid) return refuses('not sought, as local_to_instance names no server', () => 'no UUID');
    if (host === undefined) {
      return refuses(
        'not known to be local to the server, which has no attached volume',
        () => 'host unknown',
      );
    }
    return parseBackendAddress(state.address)?.host === host
      ? PASSES
      : refuses('not local to the server', () => `the server is on ${host}`);
  },
};
