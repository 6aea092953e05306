import { Fault } from '@scoria/domain';
import { Cloud } from './test-support/cloud.js';
import { poolAt } from './test-support/pool.js';

const POOL = 'a@one#p';

describe('growing in a pool', () => {
  let cloud: Cloud;

  beforeEach(async () => {
    cloud = await Cloud.open();
  });
  afterEach(() => cloud[Symbol.asyncDispose]());

  async function volumeOf20(pool = poolAt(POOL)): Promise<string> {
    await cloud.report(pool);
    await cloud.scheduler();
    return cloud.existingVolume(POOL, 20);
  }

  it('claims the difference before a volume grows, and goes to its backend', async () => {
    const volume = await volumeOf20();
    const extending = await cloud.extend(volume, 20, 100);
    expect(await cloud.placed(extending)).toMatchObject({ state: 'running', backend: 'a@one' });
    expect(await cloud.claims()).toEqual({ [POOL]: { rows: 100, account: 100 } });
  });

  it('gives a volume its status back when there is no room, and claims nothing', async () => {
    const volume = await volumeOf20();
    const extending = await cloud.extend(volume, 20, 101);
    const { state, error } = await cloud.ended(extending);
    expect(state).toBe('failed');
    expect(error).toMatchObject({
      detail: 'noBackend',
      message: '1 pool: 1 not enough capacity (81 GiB asked, 80 GiB free at most).',
    });
    expect(await cloud.volume(volume)).toMatchObject({ status: 'available' });
    expect(await cloud.claims()).toEqual({ [POOL]: { rows: 20, account: 20 } });
  });

  it('gives the growth back when the backend cannot grow the volume', async () => {
    const volume = await volumeOf20();
    const grow = () => Promise.reject(new Fault('conflict', 'The disk is on fire.'));
    await cloud.volumeService('a@one', { grow });
    const { error } = await cloud.ended(await cloud.extend(volume, 20, 30));
    expect(error?.message).toBe('The disk is on fire.');
    expect(await cloud.claims()).toEqual({ [POOL]: { rows: 20, account: 20 } });
  });

  it('refuses to grow an attached volume where the driver cannot', async () => {
    const volume = await volumeOf20(poolAt(POOL, { onlineExtendSupport: false }));
    await cloud.database.query(`update volumes set attach_status = 'attached' where id = $1`, [volume]);
    const { error } = await cloud.ended(await cloud.extend(volume, 20, 30));
    expect(error?.message).toBe('1 pool: 1 unable to extend a volume that is attached.');
    expect(await cloud.claims()).toEqual({ [POOL]: { rows: 20, account: 20 } });
  });

  it.each([
    ['', {}, {}],
    [' that are thick', { maxOverSubscriptionRatio: 20 }, { 'provisioning:type': 'thick' }],
  ])('never grows two volumes%s into the same last gigabytes', async (_, pool, specs) => {
    await cloud.report(poolAt(POOL, pool));
    await cloud.scheduler();
    await cloud.scheduler();
    const volumes = await Promise.all(Array.from({ length: 10 }, () => cloud.existingVolume(POOL, 8, specs)));
    const extending = await Promise.all(volumes.map((id) => cloud.extend(id, 8, 13)));
    const outcomes = await Promise.all(extending.map((one) => cloud.placed(one)));
    expect(outcomes.filter(({ state }) => state === 'running')).toHaveLength(4);
    expect(await cloud.claims()).toEqual({ [POOL]: { rows: 100, account: 100 } });
  });

  it('claims the whole size for a snapshot that is a copy', async () => {
    const volume = await volumeOf20(poolAt(POOL, { snapshotsClaimCapacity: true }));
    expect(await cloud.placed(await cloud.snapshot(volume, 20))).toMatchObject({ backend: 'a@one' });
    expect(await cloud.claims()).toEqual({ [POOL]: { rows: 40, account: 40 } });
  });

  it('claims nothing for a snapshot that shares its data', async () => {
    const volume = await volumeOf20();
    expect(await cloud.placed(await cloud.snapshot(volume, 20))).toMatchObject({ backend: 'a@one' });
    expect(await cloud.claims()).toEqual({ [POOL]: { rows: 20, account: 20 } });
  });

  it('refuses a snapshot that is a copy where there is no room for one', async () => {
    const volume = await volumeOf20(poolAt(POOL, { snapshotsClaimCapacity: true, totalCapacityGib: 39 }));
    const { state, error } = await cloud.ended(await cloud.snapshot(volume, 20));
    expect({ state, detail: error?.detail }).toEqual({ state: 'failed', detail: 'noBackend' });
    expect(await cloud.claims()).toEqual({ [POOL]: { rows: 20, account: 20 } });
  });
});
