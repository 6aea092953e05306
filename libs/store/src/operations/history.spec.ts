import { randomUUID } from 'node:crypto';
import { Fault } from '@scoria/domain';
import { NotYet } from '@scoria/operations';
import { waitFor } from '@scoria/testing';
import { cancelOperation } from '../commands/steer-operation.js';
import { HazardWorld, nothing, placed, untilAborted } from '../test-support/hazard-world.js';
import { takeOverQueue } from './abandoned.js';
import type { HistoryEntry } from './history.js';
import { PostgresOperationStore } from './postgres-operation-store.js';

async function historyOf({ database }: HazardWorld, id: string): Promise<HistoryEntry[]> {
  const [row] = await database.query<{ history: HistoryEntry[] }>(
    'select history from operations where id = $1',
    [id],
  );
  return row!.history;
}

const told = (history: HistoryEntry[]): string[] =>
  history.map(({ phase, step, outcome, times }) => `${phase} ${step} ${outcome}${times ? ` x${times}` : ''}`);

test('who ran which step, when and how it came out can be told of an operation that went well', async () => {
  await using world = await HazardWorld.open();
  const worker = await world.worker();
  const id = await world.createVolume();
  await worker.engine.start();
  await world.ended(id);
  const history = await historyOf(world, id);
  expect(told(history)).toEqual(['run place done', 'run provision done']);
  for (const entry of history) {
    expect(entry).toMatchObject({ worker: worker.id, service: 'volume', host: 'host', attempt: 0 });
    expect(Date.parse(entry.since!)).toBeLessThanOrEqual(Date.parse(entry.at));
    expect(entry).not.toHaveProperty('reason');
  }
});

test('failures, waits and undos are told with their reasons; what repeats itself is one entry that counts', async () => {
  await using world = await HazardWorld.open();
  let [waits, failures] = [0, 0];
  const { engine } = await world.worker({
    handlers: {
      place: placed(async () => {
        if (++failures <= 60) throw new Error('the pool is away');
      }),
      provision: {
        run: async () => {
          if (++waits <= 3) throw new NotYet('somebody reads from it', 1);
          throw new Error('no space');
        },
        undo: async () => {},
      },
    },
  });
  const id = await world.createVolume();
  // The last of three placements, so that its failure is the end.
  await world.database.query(`update operations set data = '{"retries": 2}' where id = $1`, [id]);
  await engine.start();
  await world.ended(id);
  const history = await historyOf(world, id);
  expect(told(history)).toEqual([
    'run place done',
    'run provision waiting x3',
    'run provision failed x3',
    'undo provision done',
    'undo place failed x60',
    'undo place done',
  ]);
  expect(history[1]).toMatchObject({ reason: 'Waiting.', cause: 'somebody reads from it' });
  expect(history[2]).toMatchObject({ cause: 'no space', attempt: 2 });
  expect(history[4]).toMatchObject({ cause: 'the pool is away', attempt: 59 });
});

test('an undo that is handed over at a stop waits for that, and not for what it undoes', async () => {
  await using world = await HazardWorld.open();
  let undoing = false;
  const { engine } = await world.worker({
    handlers: {
      provision: {
        run: async () => {
          throw new Fault('conflict', 'No.');
        },
        undo: (_, { signal }) => {
          undoing = true;
          return untilAborted(signal);
        },
      },
    },
  });
  const id = await world.createVolume();
  await engine.start();
  await waitFor(() => undoing);
  await engine.stop(0);
  const history = await historyOf(world, id);
  expect(history.at(-1)).toMatchObject({
    step: 'provision',
    phase: 'undo',
    outcome: 'waiting',
    reason: 'Waiting.',
    cause: 'the service is stopping',
  });
});

test('the name of a worker that died is told after its row is forgotten', async () => {
  await using world = await HazardWorld.open();
  const dead = { id: randomUUID(), service: 'volume', host: 'dead-host', leaseSeconds: 3600 };
  const store = new PostgresOperationStore(world.database);
  const id = await world.createVolume();
  await store.heartbeat(dead);
  const definitions = ['volume.create/1'];
  await store.claim({
    worker: dead,
    queue: 'scheduler',
    limit: 1,
    definitions,
    running: [],
    slots: 1,
    share: 1,
  });
  await world.database.query('delete from workers');
  const next = await world.worker();
  await next.engine.start();
  await world.ended(id);
  const [first, ...rest] = await historyOf(world, id);
  expect(first).toMatchObject({ outcome: 'lost', worker: dead.id, service: 'volume', host: 'dead-host' });
  expect(told(rest)).toEqual(['run place done', 'run provision done']);
  expect(rest[0]!.worker).toBe(next.id);
});

test('a claim that is given up for a dead predecessor is told, and one of an older program by its id', async () => {
  await using world = await HazardWorld.open();
  const { database } = world;
  const id = await world.createVolume();
  const [old, now] = [randomUUID(), randomUUID()];
  await database.query(
    `update operations set owner = $2, claim = '{"worker": "another", "host": "elsewhere"}' where id = $1`,
    [id, old],
  );
  const worker = { id: now, service: 'volume', host: 'host', leaseSeconds: 5 };
  expect(await takeOverQueue(database, 'scheduler', worker)).toBe(1);
  const [entry] = await historyOf(world, id);
  expect(entry).toMatchObject({ outcome: 'lost', worker: old });
  expect(entry).not.toHaveProperty('host');
});

test('a history without an end keeps its beginning and its newest entries', async () => {
  await using world = await HazardWorld.open();
  let runs = 0;
  const { engine } = await world.worker({
    handlers: {
      provision: {
        ...nothing(),
        run: async () => {
          if (++runs <= 70) throw new NotYet(`turn ${runs}`, 1);
        },
      },
    },
  });
  const id = await world.createVolume();
  await engine.start();
  await world.ended(id);
  const history = await historyOf(world, id);
  expect(history).toHaveLength(50);
  expect(history[0]).toMatchObject({ step: 'place' });
  expect(history[9]).toMatchObject({ cause: 'turn 9' });
  expect(history[10]).toMatchObject({ cause: 'turn 32' });
  expect(history[49]).toMatchObject({ step: 'provision', outcome: 'done' });
});

test('a cancelled step is told as such', async () => {
  await using world = await HazardWorld.open();
  let started = false;
  const { engine } = await world.worker({
    handlers: {
      provision: {
        ...nothing(),
        run: (_, { signal }) => {
          started = true;
          return untilAborted(signal);
        },
      },
    },
  });
  const id = await world.createVolume();
  await engine.start();
  await waitFor(() => started);
  await world.database.transaction((tx) => cancelOperation(tx, id, 'project'));
  await world.ended(id);
  expect(told(await historyOf(world, id))).toEqual([
    'run place done',
    'run provision cancelled',
    'undo provision waiting',
    'undo provision done',
    'undo place done',
  ]);
});
