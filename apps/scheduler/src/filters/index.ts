import { availabilityZoneFilter } from './availability-zone.filter.js';
import { capabilitiesFilter } from './capabilities.filter.js';
import { capacityFilter } from './capacity.filter.js';
import { differentBackendFilter } from './different-backend.filter.js';
import type { Filter } from './filter.js';
import { instanceLocalityFilter } from './instance-locality.filter.js';
import { pinnedFilter } from './pinned.filter.js';
import { retryFilter } from './retry.filter.js';
import { sameBackendFilter } from './same-backend.filter.js';
import { serviceFilter } from './service.filter.js';

/** Conditions that no configuration switches off. */
export const ALWAYS: readonly Filter[] = [serviceFilter, pinnedFilter, retryFilter];

/** What the configuration can name. */
export const FILTERS: ReadonlyMap<string, Filter> = new Map([
  ['AvailabilityZoneFilter', availabilityZoneFilter],
  ['CapacityFilter', capacityFilter],
  ['CapabilitiesFilter', capabilitiesFilter],
  ['SameBackendFilter', sameBackendFilter],
  ['DifferentBackendFilter', differentBackendFilter],
  ['InstanceLocalityFilter', instanceLocalityFilter],
  ['RetryFilter', retryFilter],
  ['IgnoreAttemptedHostsFilter', retryFilter],
]);
