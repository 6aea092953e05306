import { claimLimitGib } from '@scoria/domain';
import * as fc from 'fast-check';
import { placementRequest } from './placement-request.js';
import { placementPolicy, type PlacementPolicy } from './policy.js';
import { poolView, type PoolView, type ServiceCondition } from './pool-view.js';
import { choose, rank, refusals } from './rank.js';
import { poolAt } from './test-support/pool.js';

const FILTERS = ['AvailabilityZoneFilter', 'CapacityFilter', 'CapabilitiesFilter'];

const policyOf = (...weighers: [name: string, multiplier: number][]): PlacementPolicy =>
  placementPolicy({
    filters: FILTERS,
    weighers: weighers.map(([name, multiplier]) => ({ name, multiplier })) as never,
  });

const requestOf = (sizeGib: number, resourceId = 'volume') => placementRequest({ resourceId, sizeGib });

const capacity = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 500 }) },
  { weight: 1, arbitrary: fc.constant('infinite' as const) },
);

const pool: fc.Arbitrary<PoolView> = fc
  .record({
    address: fc.integer({ min: 0, max: 30 }).map((number) => `host${number}@backend#pool`),
    totalCapacityGib: capacity,
    thinProvisioningSupport: fc.boolean(),
    maxOverSubscriptionRatio: fc.constantFrom(0.5, 1, 1.5, 20),
    reservedPercentage: fc.constantFrom(0, 0, 10),
    availabilityZone: fc.constantFrom('nova', 'west'),
    claimedGib: fc.integer({ min: 0, max: 600 }),
    volumeCount: fc.integer({ min: 0, max: 50 }),
    service: fc.constantFrom<ServiceCondition[]>('up', 'up', 'up', 'down', 'disabled', 'frozen'),
  })
  .map(({ address, claimedGib, volumeCount, service, ...state }) =>
    poolView(poolAt(address, { ...state, freeCapacityGib: state.totalCapacityGib }), {
      claimedGib,
      volumeCount,
      service,
    }),
  );

const pools = fc.uniqueArray(pool, { maxLength: 20, selector: ({ state }) => state.address });

const weighers = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom('CapacityWeigher', 'AllocatedCapacityWeigher', 'VolumeNumberWeigher'),
    multiplier: fc.constantFrom(-2, -1, 1, 3),
  }),
  { selector: ({ name }) => name },
);

const policy = weighers.map((chosen) => placementPolicy({ filters: FILTERS, weighers: chosen as never }));

const request = fc
  .record({
    sizeGib: fc.integer({ min: 1, max: 300 }),
    zones: fc.constantFrom([], ['nova'], ['nova', 'west']),
  })
  .map(({ sizeGib, zones }) => placementRequest({ resourceId: 'v', sizeGib, availabilityZones: zones }));

describe('ranking', () => {
  it('never picks a pool that a filter refuses, and forgets none', () => {
    fc.assert(
      fc.property(request, pools, policy, (asked, all, chosen) => {
        const { ranked, refused } = rank(asked, all, chosen);
        const addresses = [...ranked, ...refused].map(({ address }) => address);
        expect(addresses.sort()).toEqual(all.map(({ state }) => state.address).sort());
        for (const {
          pool: { service, state },
        } of ranked) {
          expect(service).toBe('up');
          if (asked.availabilityZones.length > 0)
            expect(asked.availabilityZones).toContain(state.availabilityZone);
        }
      }),
    );
  });

  it('does not answer one request with what it kept of another', () => {
    fc.assert(
      fc.property(
        fc.array(request, { minLength: 2, maxLength: 4 }),
        pools,
        policy,
        (requests, all, chosen) => {
          for (const asked of requests) {
            const allowed = choose(asked, all, chosen, all.length).map(({ address }) => address);
            const refused = refusals(asked, all, chosen.filters).map(({ address }) => address);
            expect([...allowed, ...refused].sort()).toEqual(all.map(({ state }) => state.address).sort());
          }
        },
      ),
    );
  });

  it('goes by weight, and a short list is the beginning of the long one', () => {
    fc.assert(
      fc.property(request, pools, policy, fc.integer({ min: 1, max: 5 }), (asked, all, chosen, limit) => {
        const { ranked } = rank(asked, all, chosen);
        for (let index = 1; index < ranked.length; index++) {
          expect(ranked[index - 1]!.weight).toBeGreaterThanOrEqual(ranked[index]!.weight);
        }
        for (const { weight, weights } of ranked) {
          expect(weight).toBeCloseTo(Object.values(weights).reduce((sum, one) => sum + one, 0));
        }
        expect(choose(asked, all, chosen, limit)).toEqual(ranked.slice(0, limit));
      }),
    );
  });

  it('does not depend on the order in which pools became known', () => {
    const shuffled = pools.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(request, shuffled, policy, (asked, [all, other], chosen) => {
        const order = (of: readonly PoolView[]) =>
          rank(asked, of, chosen).ranked.map(({ address }) => address);
        expect(order(other)).toEqual(order(all));
      }),
    );
  });

  it('never exceeds a pool, however much is placed', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 80 }), { maxLength: 60 });
    fc.assert(
      fc.property(pools, sizes, policy, (all, wanted, chosen) => {
        const held = new Map(all.map((view) => [view.state.address, { ...view }]));
        const before = new Map(all.map(({ state, claimedGib }) => [state.address, claimedGib]));
        for (const sizeGib of wanted) {
          const [best] = choose(requestOf(sizeGib), [...held.values()], chosen, 1);
          if (best) held.get(best.address)!.claimedGib += sizeGib;
        }
        for (const { state, claimedGib } of held.values()) {
          if (claimedGib === before.get(state.address)) continue;
          expect(claimedGib).toBeLessThanOrEqual(claimLimitGib(state) ?? Infinity);
        }
      }),
    );
  });

  it('fills equal pools evenly, without anything counted', () => {
    const equal = Array.from({ length: 10 }, (_, number) => poolView(poolAt(`host${number}@backend#pool`)));
    const hits = new Map<string, number>();
    for (let number = 0; number < 1000; number++) {
      const [best] = choose(requestOf(1, `volume-${number}`), equal, policyOf(['CapacityWeigher', 1]), 1);
      hits.set(best!.address, (hits.get(best!.address) ?? 0) + 1);
    }
    expect(hits.size).toBe(10);
    for (const count of hits.values()) expect(count).toBeGreaterThan(50);
  });
});

describe('weighers', () => {
  const roomy = poolView(poolAt('roomy@b#p', { totalCapacityGib: 300 }), { claimedGib: 120, volumeCount: 2 });
  const middle = poolView(poolAt('middle@b#p', { totalCapacityGib: 150 }), {
    claimedGib: 50,
    volumeCount: 1,
  });
  const tight = poolView(poolAt('tight@b#p', { totalCapacityGib: 100 }), { claimedGib: 90, volumeCount: 9 });
  const boundless = poolView(poolAt('boundless@b#p', { totalCapacityGib: 'infinite' }), {
    claimedGib: 70,
    volumeCount: 5,
  });

  const weighed = (all: PoolView[], name: string, multiplier: number) =>
    choose(requestOf(1), all, policyOf([name, multiplier]), all.length).map(({ address, weight }) => [
      address.split('@')[0],
      Number(weight.toFixed(3)),
    ]);

  it.each<[name: string, multiplier: number, order: [string, number][]]>([
    // Free: 180, 100, 10 of a range of 170.
    [
      'CapacityWeigher',
      1,
      [
        ['roomy', 1],
        ['middle', 0.529],
        ['tight', 0],
      ],
    ],
    [
      'CapacityWeigher',
      -2,
      [
        ['tight', 0],
        ['middle', -1.059],
        ['roomy', -2],
      ],
    ],
    // Claimed: 120, 50, 90.
    [
      'AllocatedCapacityWeigher',
      -1,
      [
        ['middle', 0],
        ['tight', -0.571],
        ['roomy', -1],
      ],
    ],
    [
      'AllocatedCapacityWeigher',
      1,
      [
        ['roomy', 1],
        ['tight', 0.571],
        ['middle', 0],
      ],
    ],
    // Volumes: 2, 1, 9.
    [
      'VolumeNumberWeigher',
      -1,
      [
        ['middle', 0],
        ['roomy', -0.125],
        ['tight', -1],
      ],
    ],
    [
      'VolumeNumberWeigher',
      2,
      [
        ['tight', 2],
        ['roomy', 0.25],
        ['middle', 0],
      ],
    ],
  ])('%s × %s', (name, multiplier, order) => {
    expect(weighed([tight, roomy, middle], name, multiplier)).toEqual(order);
  });

  it.each([1, -1])('puts a pool without a bound last when capacity counts %s', (multiplier) => {
    const order = weighed([boundless, roomy, tight], 'CapacityWeigher', multiplier);
    expect(order.at(-1)![0]).toBe('boundless');
    // It does not flatten the difference between the others.
    expect(Math.abs((order[0]![1] as number) - (order[1]![1] as number))).toBeGreaterThan(0.5);
  });

  it('says nothing when all pools are equal', () => {
    const twin = poolView(poolAt('twin@b#p', { totalCapacityGib: 300 }), { claimedGib: 120, volumeCount: 2 });
    for (const name of ['CapacityWeigher', 'AllocatedCapacityWeigher', 'VolumeNumberWeigher']) {
      expect(weighed([roomy, twin], name, 5).map(([, weight]) => weight)).toEqual([0, 0]);
    }
  });

  it('adds up', () => {
    const both = policyOf(['CapacityWeigher', 1], ['VolumeNumberWeigher', -10]);
    const [best] = choose(requestOf(1), [roomy, middle, tight], both, 3);
    expect(best).toMatchObject({ address: 'middle@b#p', weights: { VolumeNumberWeigher: -0 } });
  });
});

describe('a policy', () => {
  it.each([
    [{ filters: ['CapacityFiler'], weighers: [] }, 'there is no filter CapacityFiler'],
    [{ filters: [], weighers: [{ name: 'LuckWeigher', multiplier: 1 }] }, 'there is no weigher LuckWeigher'],
  ])('that names what does not exist is refused at start', (config, message) => {
    expect(() => placementPolicy(config as never)).toThrow(message);
  });

  it('asks each filter once, whatever it is called', () => {
    const { filters } = placementPolicy({
      filters: ['RetryFilter', 'IgnoreAttemptedHostsFilter'],
      weighers: [],
    });
    expect(filters.filter(({ name }) => name === 'RetryFilter')).toHaveLength(1);
  });
});
