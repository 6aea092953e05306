import { PASSES, refuses, type Filter } from './filter.js';

/** The pool is in one of the zones asked for, if any were. */
export const availabilityZoneFilter: Filter = {
  name: 'AvailabilityZoneFilter',
  byShape: true,
  judge({ availabilityZones }, { state }) {
    return availabilityZones.length === 0 || availabilityZones.includes(state.availabilityZone)
      ? PASSES
      : refuses('in another availability zone', () => `zone ${state.availabilityZone}`);
  },
};
