import type { PoolState } from '@scoria/domain';
import { ALWAYS, FILTERS } from './filters/index.js';
import { placementRequest, type PlacementRequest } from './placement-request.js';
import { poolView, type PoolUse } from './pool-view.js';
import { refusals } from './rank.js';
import { poolAt } from './test-support/pool.js';

const SIZE = 10;
const VOLUME = '11111111-1111-4111-8111-111111111111';

interface Case {
  request?: Partial<PlacementRequest>;
  specs?: Record<string, string>;
  pool?: Partial<PoolState>;
  use?: PoolUse;
}

/** What the filter says of the pool `a@one#p`: undefined when it passes. */
function refusal(name: string, { request, specs, pool, use }: Case) {
  const filter = [...ALWAYS, ...FILTERS.values()].find((one) => one.name === name)!;
  const asked = placementRequest({ resourceId: VOLUME, sizeGib: SIZE, ...request }, specs);
  return refusals(asked, [poolView(poolAt('a@one#p', pool), use)], [filter])[0]?.reasons[0];
}

describe('filters', () => {
  it.each<[name: string, what: string, passes: boolean, given: Case]>([
    ['AvailabilityZoneFilter', 'no zone asked for', true, {}],
    [
      'AvailabilityZoneFilter',
      'one of several zones',
      true,
      { request: { availabilityZones: ['x', 'nova'] } },
    ],
    ['AvailabilityZoneFilter', 'another zone', false, { request: { availabilityZones: ['x'] } }],

    ['CapacityFilter', 'exactly enough', true, { use: { claimedGib: 90 } }],
    ['CapacityFilter', 'a gigabyte too little', false, { use: { claimedGib: 91 } }],
    [
      'CapacityFilter',
      'thin and over-subscribed',
      true,
      { pool: { maxOverSubscriptionRatio: 2 }, use: { claimedGib: 190 } },
    ],
    [
      'CapacityFilter',
      'thick asked of a thin pool',
      false,
      {
        specs: { 'provisioning:type': 'thick' },
        pool: { maxOverSubscriptionRatio: 2 },
        use: { claimedGib: 91 },
      },
    ],
    [
      'CapacityFilter',
      'infinite',
      true,
      { pool: { totalCapacityGib: 'infinite' }, use: { claimedGib: 1e9 } },
    ],
    [
      'CapacityFilter',
      'unknown with a reserve',
      false,
      { pool: { totalCapacityGib: 'unknown', reservedPercentage: 5 } },
    ],
    ['CapacityFilter', 'within the reserve', false, { pool: { reservedPercentage: 91 } }],

    ['CapabilitiesFilter', 'a spec met', true, { specs: { multiattach: '<is> True' } }],
    [
      'CapabilitiesFilter',
      'a spec not met',
      false,
      { specs: { multiattach: '<is> True' }, pool: { multiattach: false } },
    ],
    [
      'CapabilitiesFilter',
      'growth in use, unsupported',
      false,
      { request: { growsAttached: true }, pool: { onlineExtendSupport: false } },
    ],
    [
      'CapabilitiesFilter',
      'growth at rest, unsupported in use',
      true,
      { pool: { onlineExtendSupport: false } },
    ],

    ['SameBackendFilter', 'no hint', true, {}],
    [
      'SameBackendFilter',
      'volumes here',
      true,
      { request: { sameHost: { valid: true, pools: new Set(['a@one#p']) } } },
    ],
    [
      'SameBackendFilter',
      'volumes elsewhere',
      false,
      { request: { sameHost: { valid: true, pools: new Set(['a@one#q']) } } },
    ],
    [
      'SameBackendFilter',
      'volumes nowhere',
      false,
      { request: { sameHost: { valid: true, pools: new Set() } } },
    ],
    [
      'SameBackendFilter',
      'a slip in the hint',
      false,
      { request: { sameHost: { valid: false, pools: new Set() } } },
    ],

    ['DifferentBackendFilter', 'no hint', true, {}],
    [
      'DifferentBackendFilter',
      'volumes here',
      false,
      { request: { differentHost: { valid: true, pools: new Set(['a@one#p']) } } },
    ],
    [
      'DifferentBackendFilter',
      'volumes elsewhere',
      true,
      { request: { differentHost: { valid: true, pools: new Set(['a@one#q']) } } },
    ],
    [
      'DifferentBackendFilter',
      'a slip in the hint',
      false,
      { request: { differentHost: { valid: false, pools: new Set() } } },
    ],

    ['InstanceLocalityFilter', 'no hint', true, {}],
    [
      'InstanceLocalityFilter',
      'the same host',
      true,
      { request: { localToInstance: { valid: true, host: 'a' } } },
    ],
    [
      'InstanceLocalityFilter',
      'another host',
      false,
      { request: { localToInstance: { valid: true, host: 'b' } } },
    ],
    [
      'InstanceLocalityFilter',
      'a host nobody knows',
      false,
      { request: { localToInstance: { valid: true, host: undefined } } },
    ],
    [
      'InstanceLocalityFilter',
      'no server at all',
      false,
      { request: { localToInstance: { valid: false, host: undefined } } },
    ],

    ['RetryFilter', 'a first try', true, { request: { excluded: ['a@one#q'] } }],
    ['RetryFilter', 'a pool tried before', false, { request: { excluded: ['a@one#p'] } }],

    ['ServiceFilter', 'in service', true, {}],
    ['ServiceFilter', 'silent', false, { use: { service: 'down' } }],
    ['ServiceFilter', 'disabled', false, { use: { service: 'disabled' } }],
    ['ServiceFilter', 'frozen', false, { use: { service: 'frozen' } }],
    ['ServiceFilter', 'down by its own account', false, { pool: { backendState: 'down' } }],

    ['PinnedFilter', 'not pinned', true, {}],
    ['PinnedFilter', 'pinned to this pool', true, { request: { pinnedTo: 'a@one#p' } }],
    ['PinnedFilter', 'pinned to this backend', true, { request: { pinnedTo: 'a@one' } }],
    ['PinnedFilter', 'pinned to another pool', false, { request: { pinnedTo: 'a@one#q' } }],
    [
      'PinnedFilter',
      'pinned to a pool that it can clone from',
      true,
      { request: { pinnedTo: 'a@one#q' }, pool: { extra: { clone_across_pools: true } } },
    ],
    [
      'PinnedFilter',
      'pinned to another backend',
      false,
      { request: { pinnedTo: 'a@two#p' }, pool: { extra: { clone_across_pools: true } } },
    ],
    ['PinnedFilter', 'pinned to another host', false, { request: { pinnedTo: 'b@one' } }],
  ])('%s, %s: passes %s', (name, _what, passes, given) => {
    const refused = refusal(name, given);
    expect(refused === undefined).toBe(passes);
    // A tenant must not learn where things are.
    if (refused) expect(refused.reason).not.toMatch(/@|#|\bone\b/);
  });

  it('says how much would still fit', () => {
    expect(refusal('CapacityFilter', { use: { claimedGib: 97 } })).toMatchObject({
      reason: 'not enough capacity',
      freeGib: 3,
    });
  });
});
