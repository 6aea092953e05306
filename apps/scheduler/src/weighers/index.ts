import { allocatedCapacityWeigher } from './allocated-capacity.weigher.js';
import { capacityWeigher } from './capacity.weigher.js';
import { volumeNumberWeigher } from './volume-number.weigher.js';
import type { Weigher } from './weigher.js';

/** What the configuration can name. */
export const WEIGHERS: ReadonlyMap<string, Weigher> = new Map([
  ['CapacityWeigher', capacityWeigher],
  ['AllocatedCapacityWeigher', allocatedCapacityWeigher],
  ['VolumeNumberWeigher', volumeNumberWeigher],
]);
