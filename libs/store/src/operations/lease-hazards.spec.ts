import { FencedError } from '@scoria/operations';
import { waitFor } from '@scoria/testing';
import { HazardWorld, nothing, untilAborted } from '../test-support/hazard-world.js';

test('a worker that was only paused comes back after its lease was taken: its running step is aborted', async () => {
  await using world = await HazardWorld.open();
  const reasons: unknown[] = [];
  const paused = await world.worker({
    handlers: {
      provision: {
        ...nothing(),
        run: async (_, { signal }) => {
          await untilAborted(signal).catch(() => reasons.push(signal.reason));
          return { data: { by: 'paused' } };
        },
      },
    },
    heartbeatMs: 300,
  });
  const id = await world.createVolume();
  await paused.engine.start();
  await waitFor(
    () =>
      world.database.query(
        `select from operations where id = $1 and step_name = 'provision' and owner = $2`,
        [id, paused.id],
      ),
    { until: (rows) => rows.length === 1 },
  );
  const successor = await world.worker({
    handlers: { provision: { ...nothing(), run: async () => ({ data: { by: 'successor' } }) } },
  });
  await successor.engine.start();
  // The paused worker's heartbeat may renew a lease that was ended for it; then it is ended again.
  await waitFor(async () => {
    await world.database.query(`update workers set lease_until = now() - interval '1 second' where id = $1`, [
      paused.id,
    ]);
    return !(await world.operation(id)).live;
  });
  await waitFor(() => reasons.length > 0);
  expect(reasons).toEqual(['fenced']);
  expect(await world.operation(id)).toMatchObject({ state: 'succeeded', data: { by: 'successor' } });
});

test('a commit after the claim was taken changes nothing', async () => {
  await using world = await HazardWorld.open();
  const [paused, successor] = [await world.worker(), await world.worker()];
  const id = await world.createVolume();
  const definitions = ['volume.create/1'];
  const claim = { queue: 'scheduler', limit: 1, definitions, running: [], slots: 1, share: 1 };
  const worker = (of: { id: string }) => ({ id: of.id, service: 'volume', host: 'host', leaseSeconds: 30 });
  await paused.store.heartbeat(worker(paused));
  const [held] = await paused.store.claim({ ...claim, worker: worker(paused) });
  await successor.store.heartbeat(worker(successor));
  expect(await successor.store.claim({ ...claim, worker: worker(successor) })).toEqual([]);
  await paused.store.retire(worker(paused));
  const [taken] = await successor.store.claim({ ...claim, worker: worker(successor) });
  expect(taken).toMatchObject({ id, takenOver: true, generation: held!.generation + 1 });
  const before = await world.operation(id);
  let decided = false;
  const late = paused.store.transition(held!, worker(paused), async () => {
    decided = true;
    return { to: 'end', state: 'succeeded', data: { late: true }, error: null } as const;
  });
  await expect(late).rejects.toBeInstanceOf(FencedError);
  expect(decided).toBe(false);
  expect(await world.operation(id)).toEqual(before);
});

test('a claim whose answer was lost is taken again by the same worker', async () => {
  await using world = await HazardWorld.open();
  const takenOver: boolean[] = [];
  const {
    id: workerId,
    store,
    engine,
  } = await world.worker({
    onClaimed: (operation) => void takenOver.push(operation.takenOver),
  });
  let lost = 0;
  const claim = store.claim.bind(store);
  store.claim = async (request) => {
    const claimed = await claim(request);
    if (claimed.length === 0 || lost > 0) return claimed;
    lost++;
    throw new Error('the connection broke after the commit');
  };
  const id = await world.createVolume();
  await engine.start();
  expect(await world.ended(id)).toMatchObject({ state: 'succeeded' });
  expect(lost).toBe(1);
  expect(takenOver).toEqual([false, false]);
  const workers = await world.database.query<{ id: string }>('select id from workers');
  expect(workers).toEqual([{ id: workerId }]);
});

test('a clock that is a day off changes no lease and no deadline', async () => {
  await using world = await HazardWorld.open();
  const now = Date.now;
  Date.now = () => now() + 24 * 3600 * 1000;
  try {
    let runs = 0;
    const run = async () => void runs++;
    const shifted = await world.worker({ handlers: { provision: { ...nothing(), run } } });
    const id = await world.createVolume();
    await shifted.engine.start();
    expect(await world.ended(id)).toMatchObject({ state: 'succeeded' });
    expect(runs).toBe(1);
    const [lease] = await world.database.query<{ left: boolean }>(
      `select lease_until between now() and now() + interval '31 seconds' as left from workers where id = $1`,
      [shifted.id],
    );
    expect(lease).toEqual({ left: true });
  } finally {
    Date.now = now;
  }
});

test('stop() hands over: what runs is aborted, its claim is given back, and another worker goes on', async () => {
  await using world = await HazardWorld.open();
  const reasons: unknown[] = [];
  let running = false;
  const leaving = await world.worker({
    handlers: {
      provision: {
        ...nothing(),
        run: (_, { signal }) => {
          running = true;
          return untilAborted(signal).finally(() => reasons.push(signal.reason));
        },
      },
    },
  });
  const id = await world.createVolume();
  await leaving.engine.start();
  await waitFor(() => running);
  await leaving.engine.stop(0);
  expect(reasons).toEqual(['draining']);
  expect(await world.operation(id)).toMatchObject({ live: true, owner: null });
  const next = await world.worker();
  await next.engine.start();
  expect(await world.ended(id)).toMatchObject({ state: 'succeeded' });
});

test('workers that were killed long ago are forgotten; what they held is taken', async () => {
  await using world = await HazardWorld.open();
  const id = await world.createVolume();
  const ended = `now() - interval '2 hours'`;
  await world.database.query(
    `with dead as (insert into workers (id, service, host, lease_until) select gen_random_uuid(), 'volume', 'host', ${ended}
                   from generate_series(1, 3) returning id)
     update operations set owner = (select id from dead limit 1)`,
  );
  const { id: living, engine } = await world.worker();
  await engine.start();
  expect(await world.ended(id)).toMatchObject({ state: 'succeeded' });
  expect(await world.database.query('select id from workers')).toEqual([{ id: living }]);
});
