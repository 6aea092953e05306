import { meets } from '../extra-specs.js';
import { PASSES, refuses, type Filter } from './filter.js';

/** The pool has every capability that the type's extra specs ask for, and can grow under users where it must. */
export const capabilitiesFilter: Filter = {
  name: 'CapabilitiesFilter',
  byShape: true,
  judge({ requirements, growsAttached }, { capabilities, state }) {
    if (growsAttached && !state.onlineExtendSupport) {
      return refuses('unable to extend a volume that is attached', () => 'online_extend_support is false');
    }
    for (const requirement of requirements) {
      if (meets(capabilities, requirement)) continue;
      const { key, wanted } = requirement;
      return refuses('without a capability that the volume type asks for', () => `${key} is not ${wanted}`);
    }
    return PASSES;
  },
};
