import { waitFor } from '@scoria/testing';
import { requestCancel } from '../commands/cancel-operation.js';
import { HazardWorld, placed, untilAborted } from '../test-support/hazard-world.js';

/** A worker whose provision never ends by itself, and what it did. */
async function longStep(world: HazardWorld) {
  const done: string[] = [];
  const undo =
    (step: string) =>
    async (_: unknown, { signal }: { signal: AbortSignal }): Promise<void> => {
      if (!signal.aborted) done.push(`undo ${step}`);
    };
  const { engine } = await world.worker({
    handlers: {
      place: placed(undo('place')),
      provision: {
        run: (_, { signal }) => {
          done.push('provision');
          return untilAborted(signal).finally(() => done.push(String(signal.reason)));
        },
        undo: undo('provision'),
      },
    },
  });
  const id = await world.createVolume();
  await engine.start();
  await waitFor(() => done.includes('provision'));
  return { id, done };
}

async function leaseRenewed({ database }: HazardWorld): Promise<void> {
  const lease = (): Promise<unknown[]> => database.query('select lease_until::text from workers');
  const before = JSON.stringify(await lease());
  await waitFor(async () => JSON.stringify(await lease()) !== before, { describe: 'a heartbeat' });
}

test('cancelled in the middle of a long step: stopped, undone, cancelled', async () => {
  await using world = await HazardWorld.open();
  const { id, done } = await longStep(world);
  await world.database.transaction((tx) => requestCancel(tx, id));
  expect(await world.ended(id)).toMatchObject({ state: 'cancelled' });
  expect(done).toEqual(['provision', 'cancelled', 'undo provision', 'undo place']);
});

test('past its deadline in the middle of a long step: stopped, undone, failed with words for the user', async () => {
  await using world = await HazardWorld.open();
  const { id, done } = await longStep(world);
  await world.database.query('update operations set deadline = now() where id = $1', [id]);
  expect(await world.ended(id)).toMatchObject({ state: 'failed' });
  expect(done).toEqual(['provision', 'deadline', 'undo provision', 'undo place']);
  expect(await world.database.query('select user_message from messages')).toEqual([
    { user_message: expect.stringContaining('did not finish in time') },
  ]);
});

test('cancelled before anybody has taken it: nothing is done, and it ends as cancelled', async () => {
  await using world = await HazardWorld.open();
  const done: string[] = [];
  const { engine } = await world.worker({
    handlers: { place: { run: async () => void done.push('place'), undo: async () => {} } },
  });
  const id = await world.createVolume();
  await world.database.transaction((tx) => requestCancel(tx, id));
  await engine.start();
  expect(await world.ended(id)).toMatchObject({ state: 'cancelled' });
  expect(done).toEqual([]);
});

test('a cancel changes nothing about an undo that is under way', async () => {
  await using world = await HazardWorld.open();
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  const stopped: unknown[] = [];
  let undoing = false;
  const { engine } = await world.worker({
    handlers: {
      provision: {
        run: async () => {
          throw new Error('no');
        },
        undo: async (_, { signal }) => {
          undoing = true;
          await gate;
          // Later a heartbeat may find that the claim was let go, which is right.
          if (signal.aborted) stopped.push(signal.reason);
        },
      },
    },
  });
  const id = await world.createVolume();
  await engine.start();
  await waitFor(() => undoing);
  await world.database.transaction((tx) => requestCancel(tx, id));
  // The second renewal is of a heartbeat that began after the cancel.
  await leaseRenewed(world);
  await leaseRenewed(world);
  release();
  expect(await world.ended(id)).toMatchObject({ state: 'cancelled' });
  expect(stopped).toEqual([]);
});
