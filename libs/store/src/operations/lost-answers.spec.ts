import { Fault } from '@scoria/domain';
import { StepRegistry } from '@scoria/operations';
import { waitFor } from '@scoria/testing';
import type { Tx } from '../database.js';
import {
  BACKEND,
  HazardWorld,
  untilAborted,
  nothing,
  type TestWorker,
} from '../test-support/hazard-world.js';

/** The answer to one transition, counted from 1, is lost after the transition was committed. */
function loseAnswer({ store }: TestWorker, which: number): () => boolean {
  let made = 0;
  const transition = store.transition.bind(store);
  store.transition = async (...request) => {
    const answer = await transition(...request);
    if (++made === which) throw new Error('the connection broke after the commit');
    return answer;
  };
  return () => made >= which;
}

test.each([
  [1, false, ['place', 'provision'], 'succeeded'],
  [2, false, ['place', 'provision'], 'succeeded'],
  [2, true, ['place', 'provision', 'undo provision', 'undo place'], 'failed'],
  [3, true, ['place', 'provision', 'undo provision', 'undo place'], 'failed'],
  [4, true, ['place', 'provision', 'undo provision', 'undo place'], 'failed'],
])(
  'what was committed is not done twice when answer %i is lost (failing: %s)',
  async (which, fails, steps, state) => {
    await using world = await HazardWorld.open();
    const done: string[] = [];
    const worker = await world.worker({
      handlers: {
        place: {
          run: async () => {
            done.push('place');
            return { backend: BACKEND };
          },
          undo: async () => void done.push('undo place'),
        },
        provision: {
          run: async () => {
            done.push('provision');
            if (fails) throw new Fault('conflict', 'No.');
          },
          undo: async () => void done.push('undo provision'),
        },
      },
    });
    const wasLost = loseAnswer(worker, which);
    const id = await world.createVolume();
    await worker.engine.start();
    expect(await world.ended(id)).toMatchObject({ state });
    await waitFor(() => worker.engine.inFlight === 0);
    expect(wasLost()).toBe(true);
    expect(done).toEqual(steps);
  },
);

test('an operation of an unknown version is left alone, and found by a process that knows it', async () => {
  await using world = await HazardWorld.open();
  const old = await world.worker({ steps: new StepRegistry<Tx>([]) });
  let sweeps = 0;
  const claim = old.store.claim.bind(old.store);
  old.store.claim = (request) => claim(request).finally(() => sweeps++);
  const id = await world.createVolume();
  await old.engine.start();
  old.engine.ring('scheduler', id);
  await waitFor(() => sweeps >= 6);
  expect(await world.operation(id)).toMatchObject({ live: true, owner: null, generation: 0 });
  const newer = await world.worker();
  await newer.engine.start();
  expect(await world.ended(id)).toMatchObject({ state: 'succeeded' });
});

test('the engine survives the loss of all its sessions and goes on', async () => {
  await using world = await HazardWorld.open();
  let started = 0;
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  const { engine } = await world.worker({
    handlers: {
      provision: {
        ...nothing(),
        run: (_, { signal }) => {
          started++;
          return Promise.race([gate, untilAborted(signal)]);
        },
      },
    },
  });
  const ids = [await world.createVolume(), await world.createVolume()];
  await engine.start();
  await waitFor(() => started === ids.length);
  const killed = await world.database.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
  );
  expect(killed.length).toBeGreaterThan(0);
  release();
  for (const id of ids) expect(await world.ended(id)).toMatchObject({ state: 'succeeded' });
});
