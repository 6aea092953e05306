import { Fault } from '@scoria/domain';
import { waitFor } from '@scoria/testing';
import { BACKEND, HazardWorld, nothing, placed, untilAborted } from '../test-support/hazard-world.js';

test('a failed undo is retried until it succeeds, and undos run in reverse order', async () => {
  await using world = await HazardWorld.open();
  const undone: string[] = [];
  let failures = 0;
  const { engine } = await world.worker({
    handlers: {
      place: placed(async () => void undone.push('place')),
      provision: {
        run: async () => {
          throw new Fault('conflict', 'No.');
        },
        undo: async () => {
          if (++failures <= 8) throw new Error('the backend is away');
          undone.push('provision');
        },
      },
    },
  });
  const id = await world.createVolume();
  await engine.start();
  expect(await world.ended(id)).toMatchObject({ state: 'failed' });
  expect(failures).toBe(9);
  expect(undone).toEqual(['provision', 'place']);
});

test('a re-placement undoes back to place, and there are three placements at most', async () => {
  await using world = await HazardWorld.open();
  const steps: string[] = [];
  const { engine } = await world.worker({
    handlers: {
      place: {
        run: async () => {
          steps.push('place');
          return { backend: BACKEND };
        },
        undo: async () => void steps.push('undo place'),
      },
      provision: {
        run: async () => {
          if (steps.at(-1) === 'place') steps.push('provision');
          throw new Error('the backend is broken');
        },
        undo: async () => void steps.push('undo provision'),
      },
    },
  });
  const id = await world.createVolume();
  await engine.start();
  expect(await world.ended(id)).toMatchObject({ state: 'failed' });
  const placement = ['place', 'provision', 'undo provision', 'undo place'];
  expect(steps).toEqual([...placement, ...placement, ...placement]);
});

test.each([
  ['cancel', 'cancel_requested = true', 'cancelled', 'cancelled'],
  ['deadline', `deadline = now() - interval '1 second'`, 'deadline', 'failed'],
])('a %s in the middle of a long step aborts it and undoes it', async (_, change, reason, state) => {
  await using world = await HazardWorld.open();
  const seen: unknown[] = [];
  let started = false;
  const { engine } = await world.worker({
    handlers: {
      place: placed(async () => void seen.push('undo place')),
      provision: {
        run: (_operation, { signal }) => {
          started = true;
          return untilAborted(signal).finally(() => seen.push(signal.reason));
        },
        undo: async () => void seen.push('undo provision'),
      },
    },
  });
  const id = await world.createVolume();
  await engine.start();
  await waitFor(() => started);
  await world.database.query(`update operations set ${change} where id = $1`, [id]);
  expect(await world.ended(id)).toMatchObject({ state });
  expect(seen).toEqual([reason, 'undo provision', 'undo place']);
});

test('a lost doorbell is found by the sweep; a doubled one runs the step once', async () => {
  await using world = await HazardWorld.open();
  let runs = 0;
  const run = async () => void runs++;
  const { engine } = await world.worker({ handlers: { provision: { ...nothing(), run } } });
  await engine.start();
  const [lost, doubled] = [await world.createVolume(), await world.createVolume()];
  engine.ring('scheduler', doubled);
  engine.ring('scheduler', doubled);
  await Promise.all([world.ended(lost), world.ended(doubled)]);
  expect(runs).toBe(2);
});

test('two sweeps at once share the work without running anything twice', async () => {
  await using world = await HazardWorld.open();
  const runs: string[] = [];
  const handlers = { provision: { ...nothing(), run: async ({ id }: { id: string }) => void runs.push(id) } };
  const workers = [await world.worker({ handlers }), await world.worker({ handlers })];
  const ids: string[] = [];
  for (let n = 0; n < 100; n++) ids.push(await world.createVolume());
  await Promise.all(workers.map(({ engine }) => engine.start()));
  await Promise.all(ids.map((id) => world.ended(id)));
  expect(runs.sort()).toEqual(ids.sort());
});

test('failures in words that the database cannot hold are counted and told like any other', async () => {
  await using world = await HazardWorld.open();
  let failures = 0;
  const { engine } = await world.worker({
    handlers: {
      place: placed(async () => {
        if (++failures <= 2) throw new Error('half a pair: \ud83d');
      }),
      provision: {
        run: async () => {
          throw new Fault('conflict', 'No\0.');
        },
        undo: async () => {},
      },
    },
  });
  const id = await world.createVolume();
  await engine.start();
  expect(await world.ended(id)).toMatchObject({ state: 'failed' });
  expect(failures).toBe(3);
  const [told] = await world.database.query<{ message: string }>(
    `select user_message as message from messages where resource_uuid = (select resource_id from operations where id = $1)`,
    [id],
  );
  expect(told?.message).toContain(' No.');
});
