import { poolsPublished } from '@scoria/contracts';
import type { PoolState } from '@scoria/domain';
import { publishPools } from '@scoria/store';
import { waitFor } from '@scoria/testing';
import { placementRequest } from './placement-request.js';
import { placementPolicy } from './policy.js';
import { PoolStates } from './pool-states.js';
import { choose } from './rank.js';
import { Cloud, quiet } from './test-support/cloud.js';
import { poolAt } from './test-support/pool.js';

const BACKEND = 'a@one';
const POOL = 'a@one#p';
const HOUR = 3600_000;
const REQUEST = placementRequest({ resourceId: 'v', sizeGib: 1 });
const POLICY = placementPolicy({ filters: ['CapacityFilter'], weighers: [] });

describe('what a scheduler knows of pools', () => {
  let cloud: Cloud;
  let states: PoolStates;

  beforeEach(async () => {
    cloud = await Cloud.open();
    await cloud.report(poolAt(POOL));
    states = new PoolStates({ database: cloud.database, serviceDownSeconds: 30, logger: quiet });
    await states.refresh();
  });
  afterEach(() => cloud[Symbol.asyncDispose]());

  const at = (offsetMs: number): string => new Date(Date.now() + offsetMs).toISOString();
  const hear = (offsetMs: number, ...pools: PoolState[]) =>
    states.hear({ backend: BACKEND, reportedAt: at(offsetMs), pools });
  const known = () =>
    Object.fromEntries(states.all().map(({ state }) => [state.poolName, state.totalCapacityGib]));
  const only = () => states.all()[0]!;

  it('ignores a report that was overtaken by a newer one', () => {
    hear(HOUR, poolAt(POOL, { totalCapacityGib: 200 }));
    hear(-HOUR, poolAt(POOL, { totalCapacityGib: 300 }), poolAt('a@one#ghost'));
    expect(known()).toEqual({ p: 200 });
  });

  it('forgets a pool that its backend no longer reports, and no other backend’s', async () => {
    await cloud.report(poolAt('b@two#other'));
    await states.refresh();
    hear(HOUR, poolAt('a@one#new', { totalCapacityGib: 7 }));
    expect(known()).toEqual({ new: 7, other: 100 });
  });

  it('keeps what is claimed when a report arrives', async () => {
    await cloud.existingVolume(POOL, 30);
    await states.refresh();
    hear(HOUR, poolAt(POOL, { totalCapacityGib: 200 }));
    expect(only()).toMatchObject({ claimedGib: 30, volumeCount: 1 });
  });

  it('corrects what it counted itself by what the database says', async () => {
    states.consume(POOL, 50, 1);
    expect(only()).toMatchObject({ claimedGib: 50, volumeCount: 1 });
    await cloud.existingVolume(POOL, 30);
    await states.refresh();
    expect(only()).toMatchObject({ claimedGib: 30, volumeCount: 1 });
  });

  it('learns from the database what a lost broadcast would have said', async () => {
    await publishPools(cloud.database, BACKEND, [poolAt(POOL, { totalCapacityGib: 55 }), poolAt('a@one#q')]);
    await states.refresh();
    expect(known()).toEqual({ p: 55, q: 100 });
    await publishPools(cloud.database, BACKEND, [poolAt(POOL)]);
    await states.refresh();
    expect(known()).toEqual({ p: 100 });
  });

  it('is not blinded for an hour when the database’s clock was an hour ahead', async () => {
    hear(HOUR, poolAt(POOL, { totalCapacityGib: 200 }));
    await publishPools(cloud.database, BACKEND, [poolAt(POOL, { totalCapacityGib: 55 })]);
    await states.refresh();
    expect(known()).toEqual({ p: 55 });
    hear(1000, poolAt(POOL, { totalCapacityGib: 56 }));
    expect(known()).toEqual({ p: 56 });
  });

  it.each([
    ['disabled', 'disabled = true'],
    ['frozen', 'frozen = true'],
    ['down', `reported_at = now() - interval '31 seconds'`],
  ])('sees that a service is %s', async (condition, change) => {
    expect(choose(REQUEST, states.all(), POLICY, 1)).toHaveLength(1);
    await cloud.database.query(`update services set ${change} where host = $1`, [BACKEND]);
    await states.refresh();
    expect(only().service).toBe(condition);
    expect(choose(REQUEST, states.all(), POLICY, 1)).toEqual([]);
  });

  it('takes a service that reports for one that is up, but not for one that is enabled', async () => {
    await cloud.database.query(`update services set reported_at = now() - interval '1 hour'`);
    await states.refresh();
    hear(HOUR, poolAt(POOL));
    expect(only().service).toBe('up');
    await cloud.database.query(`update services set reported_at = now(), disabled = true`);
    await states.refresh();
    hear(2 * HOUR, poolAt(POOL));
    expect(only().service).toBe('disabled');
  });

  it('hears broadcasts', async () => {
    const scheduler = await cloud.scheduler();
    const request = placementRequest({ resourceId: 'v', sizeGib: 150 });
    expect(scheduler.explain(request).ranked).toEqual([]);
    const report = {
      backend: BACKEND,
      reportedAt: at(HOUR),
      pools: [poolAt(POOL, { totalCapacityGib: 150 })],
    };
    // A refresh that was under way may forget the first one: it had read the database before.
    await waitFor(async () => {
      await cloud.bus.broadcast(poolsPublished, report);
      return scheduler.explain(request).ranked.length === 1;
    });
  });
});
