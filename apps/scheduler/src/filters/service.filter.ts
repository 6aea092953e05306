import { PASSES, refuses, type Filter } from './filter.js';

/** The backend works and may be given new work: its service reports, is enabled and is not frozen. */
export const serviceFilter: Filter = {
  name: 'ServiceFilter',
  byShape: true,
  judge(_request, { service, state }) {
    if (service !== 'up') return refuses('not in service', () => `the service is ${service}`);
    return state.backendState === 'up'
      ? PASSES
      : refuses('not in service', () => 'the backend reports itself down');
  },
};
