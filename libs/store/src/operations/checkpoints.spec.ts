import { waitFor } from '@scoria/testing';
import type { Checkpoints } from '@scoria/domain';
import { FencedError } from '@scoria/operations';
import { HazardWorld, nothing, placed, untilAborted } from '../test-support/hazard-world.js';

const checkpointOf = async ({ database }: HazardWorld, id: string): Promise<unknown> => {
  const [row] = await database.query<{ checkpoint: unknown }>(
    'select checkpoint from operations where id = $1',
    [id],
  );
  return row!.checkpoint;
};

/** A worker whose provision saves a checkpoint and then never ends, and what its runs found. */
async function copying(world: HazardWorld) {
  const found: unknown[] = [];
  const worker = await world.worker({
    handlers: {
      provision: {
        ...nothing(),
        run: async (_, { signal, checkpoints }) => {
          found.push(checkpoints.last);
          await checkpoints.save({ bytes: 1000 * found.length });
          await untilAborted(signal);
        },
      },
    },
  });
  return { ...worker, found };
}

test('a step that was handed over goes on from its checkpoint, and nothing of it is left in the end', async () => {
  await using world = await HazardWorld.open();
  const { engine, found } = await copying(world);
  const id = await world.createVolume();
  await engine.start();
  await waitFor(async () => (await checkpointOf(world, id)) !== null);
  await engine.stop(0);
  expect(await checkpointOf(world, id)).toEqual({ bytes: 1000 });

  const seen: unknown[] = [];
  const next = await world.worker({
    handlers: {
      provision: {
        ...nothing(),
        run: async (operation, { checkpoints }) =>
          void seen.push(operation.checkpoint, checkpoints.last, checkpoints.due),
      },
    },
  });
  await next.engine.start();
  expect(await world.ended(id)).toMatchObject({ state: 'succeeded' });
  expect(found).toEqual([undefined]);
  expect(seen).toEqual([{ bytes: 1000 }, { bytes: 1000 }, false]);
  expect(await checkpointOf(world, id)).toBeNull();
});

test('a step that is tried again finds its checkpoint; its undo and a new placement do not', async () => {
  await using world = await HazardWorld.open();
  const found: unknown[] = [];
  const look =
    (what: string) =>
    async (_: unknown, { checkpoints }: { checkpoints: Checkpoints }) => {
      found.push([what, checkpoints.last]);
      if (what !== 'run') return;
      await checkpoints.save({ bytes: found.length });
      throw new Error('the storage is away');
    };
  const { engine } = await world.worker({
    handlers: { place: placed(), provision: { run: look('run'), undo: look('undo') } },
  });
  const id = await world.createVolume();
  await engine.start();
  expect(await world.ended(id)).toMatchObject({ state: 'failed' });
  expect(found.slice(0, 5)).toEqual([
    ['run', undefined],
    ['run', { bytes: 1 }],
    ['run', { bytes: 2 }],
    ['undo', undefined],
    ['run', undefined],
  ]);
});

test('a worker whose claim was taken writes no checkpoint over its successor’s, and stops', async () => {
  await using world = await HazardWorld.open();
  const ends: unknown[] = [];
  let saveLate = (): void => {};
  const taken = new Promise<void>((resolve) => (saveLate = resolve));
  let running = false;
  const paused = await world.worker({
    handlers: {
      provision: {
        ...nothing(),
        run: async (_, { checkpoints, signal }) => {
          running = true;
          await taken;
          await checkpoints.save({ bytes: 1 }).catch((error: unknown) => ends.push(error));
          ends.push(signal.reason);
        },
      },
    },
    heartbeatMs: 60_000,
  });
  const id = await world.createVolume();
  await paused.engine.start();
  await waitFor(() => running);
  await world.database.query(`update workers set lease_until = now() - interval '1 second'`);
  const successor = await copying(world);
  await successor.engine.start();
  await waitFor(async () => (await checkpointOf(world, id)) !== null);
  saveLate();
  await waitFor(() => ends.length === 2);
  expect(ends).toEqual([expect.any(FencedError), 'fenced']);
  expect(await checkpointOf(world, id)).toEqual({ bytes: 1000 });
});

test('a checkpoint that cannot be written, or is too large, holds no step up', async () => {
  await using world = await HazardWorld.open();
  const troubles: string[] = [];
  const { engine, store } = await world.worker({
    handlers: {
      provision: {
        ...nothing(),
        run: async (_, { checkpoints }) => {
          await checkpoints.save({ note: 'x'.repeat(20_000) });
          store.saveCheckpoint = () => Promise.reject(new Error('the connection broke'));
          await checkpoints.save({ bytes: 1 });
        },
      },
    },
    onTrouble: (what) => void troubles.push(what),
  });
  const id = await world.createVolume();
  await engine.start();
  expect(await world.ended(id)).toMatchObject({ state: 'succeeded' });
  expect(troubles).toEqual(['checkpoint', 'checkpoint']);
});

test('a process of the release before, which knows no checkpoints, leaves none behind to the next step', async () => {
  await using world = await HazardWorld.open();
  const id = await world.createVolume();
  await world.database.query(`update operations set checkpoint = '{"bytes": 1}' where id = $1`, [id]);
  await world.database.query('update operations set attempt = attempt + 1 where id = $1', [id]);
  expect(await checkpointOf(world, id)).toEqual({ bytes: 1 });
  await world.database.query(`update operations set step = step + 1 where id = $1`, [id]);
  expect(await checkpointOf(world, id)).toBeNull();
});
