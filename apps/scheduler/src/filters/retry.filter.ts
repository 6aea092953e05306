import { PASSES, refuses, type Filter } from './filter.js';

/** The pool was not tried before for the same request. Cinder also calls it IgnoreAttemptedHostsFilter. */
export const retryFilter: Filter = {
  name: 'RetryFilter',
  byShape: false,
  concerns: ({ excluded }) => excluded.length > 0,
  judge({ excluded }, { state }) {
    return excluded.includes(state.address)
      ? refuses('tried before without success', () => 'tried before')
      : PASSES;
  },
};
