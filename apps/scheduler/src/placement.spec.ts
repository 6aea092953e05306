import { waitFor } from '@scoria/testing';
import { Cloud } from './test-support/cloud.js';
import { poolAt } from './test-support/pool.js';

const onFire = () => Promise.reject(new Error('the disk is on fire'));

describe('placing a volume', () => {
  it('commits claim, pool, zone and the way to the backend together', async () => {
    await using cloud = await Cloud.open();
    await cloud.report(poolAt('a@one#p', { availabilityZone: 'east' }));
    await cloud.scheduler();
    const created = await cloud.createVolume({ sizeGib: 10 });
    expect(await cloud.placed(created)).toMatchObject({ backend: 'a@one', data: { pool: 'a@one#p' } });
    expect(await cloud.volume(created.volumeId)).toEqual({
      status: 'creating',
      pool: 'a@one#p',
      availability_zone: 'east',
    });
    expect(await cloud.claims()).toEqual({ 'a@one#p': { rows: 10, account: 10 } });
  });

  it.each([
    ['a pool has', {}, {}],
    // Which a thin pool could go on to promise to others.
    ['there is, to thick volumes,', { maxOverSubscriptionRatio: 20 }, { 'provisioning:type': 'thick' }],
  ])('never promises more than %s when 50 placements race through two schedulers', async (_, pool, specs) => {
    await using cloud = await Cloud.open();
    await cloud.report(
      poolAt('a@one#p', { totalCapacityGib: 37, ...pool }),
      poolAt('b@two#p', { totalCapacityGib: 20, ...pool }),
    );
    await cloud.scheduler();
    await cloud.scheduler();
    const volume = { sizeGib: 2, extraSpecs: specs };
    const all = await Promise.all(Array.from({ length: 50 }, () => cloud.createVolume(volume)));
    const outcomes = await Promise.all(all.map((created) => cloud.placed(created)));
    expect(await cloud.claims()).toEqual({
      'a@one#p': { rows: 36, account: 36 },
      'b@two#p': { rows: 20, account: 20 },
    });
    expect(outcomes.filter(({ state }) => state === 'running')).toHaveLength(28);
    const failed = outcomes.filter(({ state }) => state === 'failed');
    expect(failed).toHaveLength(22);
    for (const { error } of failed) expect(error).toMatchObject({ detail: 'noBackend' });
  });

  it('keeps what a tenant changes of the volume while its placement waits for the pool', async () => {
    await using cloud = await Cloud.open();
    const { database } = cloud;
    await cloud.report(poolAt('a@one#p'));
    await cloud.scheduler();
    const created = await database.transaction(async (tx) => {
      await tx.query('select from pools for update');
      const asked = await cloud.createVolume({ sizeGib: 10 });
      await waitFor(
        () =>
          database.query(
            `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
          ),
        { until: (waiting) => waiting.length > 0, describe: 'the placement to wait' },
      );
      await database.query(`update volumes set name = 'renamed' where id = $1`, [asked.volumeId]);
      return asked;
    });
    expect(await cloud.placed(created)).toMatchObject({ state: 'running', backend: 'a@one' });
    expect(await cloud.volume(created.volumeId)).toMatchObject({ pool: 'a@one#p' });
    expect(await database.query('select name from volumes')).toEqual([{ name: 'renamed' }]);
    expect(await cloud.claims()).toEqual({ 'a@one#p': { rows: 10, account: 10 } });
  });

  it('refuses nothing from memory: what was reported since is looked up first', async () => {
    await using cloud = await Cloud.open();
    await cloud.report(poolAt('a@one#p', { totalCapacityGib: 4 }));
    await cloud.scheduler();
    // The report's broadcast is lost.
    await cloud.report(poolAt('b@two#p', { totalCapacityGib: 50 }));
    const created = await cloud.createVolume({ sizeGib: 10 });
    expect(await cloud.placed(created)).toMatchObject({ state: 'running', backend: 'b@two' });
  });

  it('waits for services that could not report while the database was away, instead of refusing', async () => {
    await using cloud = await Cloud.open();
    const pool = poolAt('a@one#p');
    await cloud.report(pool);
    await cloud.database.query(`update services set reported_at = now() - interval '5 minutes'`);
    await cloud.scheduler();
    const created = await cloud.createVolume({ sizeGib: 10 });
    await waitFor(async () => {
      const [row] = await cloud.database.query<{ checkpoint: object | null }>(
        'select checkpoint from operations where id = $1',
        [created.operationId],
      );
      return row!.checkpoint !== null;
    });
    await cloud.report(pool);
    expect(await cloud.placed(created)).toMatchObject({ state: 'running', backend: 'a@one' });
  });

  it('does not wait for ever for a service that stays silent', async () => {
    await using cloud = await Cloud.open();
    await cloud.report(poolAt('a@one#p'));
    await cloud.database.query(`update services set reported_at = now() - interval '5 minutes'`);
    const created = await cloud.createVolume({ sizeGib: 10 });
    await cloud.database.query(`update operations set checkpoint = '{"silentSinceAge": -60}' where id = $1`, [
      created.operationId,
    ]);
    await cloud.scheduler();
    expect(await cloud.placed(created)).toMatchObject({ state: 'failed', error: { detail: 'noBackend' } });
  });

  it('tries the next pool when it loses a claim', async () => {
    await using cloud = await Cloud.open();
    await cloud.report(
      poolAt('a@one#p', { totalCapacityGib: 50 }),
      poolAt('b@two#p', { totalCapacityGib: 10 }),
    );
    const scheduler = await cloud.scheduler();
    // Somebody whom the scheduler has not heard of takes the pool that it likes best.
    await cloud.database.query(`update pools set claim_limit_gib = 0 where address = 'a@one#p'`);
    const created = await cloud.createVolume({ sizeGib: 10 });
    expect(await cloud.placed(created)).toMatchObject({ state: 'running', backend: 'b@two' });
    await waitFor(() => scheduler.inFlight === 0);
  });

  it('tells the tenant why, without names, and the operator pool by pool', async () => {
    await using cloud = await Cloud.open();
    await cloud.report(
      poolAt('a@one#p', { totalCapacityGib: 4 }),
      poolAt('b@two#p', { totalCapacityGib: 3 }),
      poolAt('c@three#p', { availabilityZone: 'west' }),
    );
    await cloud.scheduler();
    const created = await cloud.createVolume({ sizeGib: 10, input: { availabilityZones: ['nova'] } });
    const { error } = await cloud.ended(created);
    expect(error?.message).toBe(
      '3 pools: 2 not enough capacity (10 GiB asked, 4 GiB free at most), 1 in another availability zone.',
    );
    expect(error?.cause).toContain('b@two#p (CapacityFilter: 10 GiB asked, 3 GiB free)');
    expect(error?.cause).toContain('c@three#p (AvailabilityZoneFilter: zone west)');
    const messages = await cloud.database.query<{ event_id: string; user_message: string }>(
      'select event_id, user_message from messages where resource_uuid = $1',
      [created.volumeId],
    );
    expect(messages).toHaveLength(1);
    expect(messages[0]!.event_id).toBe('VOLUME_VOLUME_001_003');
    expect(messages[0]!.user_message).toContain('2 not enough capacity');
    expect(messages[0]!.user_message).not.toMatch(/@|#/);
    expect(await cloud.volume(created.volumeId)).toMatchObject({ status: 'error', pool: null });
  });

  it('is ready at once when started anew, though no service reports', async () => {
    await using cloud = await Cloud.open();
    await cloud.report(poolAt('a@one#p'));
    const first = await cloud.scheduler();
    await first.stop(1000);
    const created = await cloud.createVolume({ sizeGib: 1 });
    await cloud.scheduler();
    expect(await cloud.placed(created)).toMatchObject({ backend: 'a@one' });
  });

  it('goes to another pool when the backend fails, and leaves nothing in the first', async () => {
    await using cloud = await Cloud.open();
    await cloud.report(poolAt('a@one#p'), poolAt('b@two#p', { totalCapacityGib: 50 }));
    await cloud.scheduler();
    await cloud.volumeService('a@one', { provision: onFire });
    await cloud.volumeService('b@two');
    const created = await cloud.createVolume({ sizeGib: 10 });
    expect(await cloud.ended(created)).toMatchObject({
      state: 'succeeded',
      backend: 'b@two',
      data: { pool: 'b@two#p', excluded: ['a@one#p'] },
    });
    expect(await cloud.claims()).toEqual({
      'a@one#p': { rows: 0, account: 0 },
      'b@two#p': { rows: 10, account: 10 },
    });
    expect(await cloud.volume(created.volumeId)).toMatchObject({ status: 'available', pool: 'b@two#p' });
  });

  it('leaves no claim and no pool behind when every backend fails', async () => {
    await using cloud = await Cloud.open();
    await cloud.report(poolAt('a@one#p'));
    await cloud.scheduler();
    await cloud.volumeService('a@one', { provision: onFire });
    const created = await cloud.createVolume({ sizeGib: 10 });
    const { state, error } = await cloud.ended(created);
    expect(state).toBe('failed');
    expect(error?.message).toBe('1 pool: 1 tried before without success.');
    expect(error?.cause).toContain('the disk is on fire');
    expect(await cloud.claims()).toEqual({ 'a@one#p': { rows: 0, account: 0 } });
    expect(await cloud.volume(created.volumeId)).toEqual({
      status: 'error',
      pool: null,
      availability_zone: null,
    });
  });
});
