import { randomUUID } from 'node:crypto';
import { OPERATIONS, definitionKey } from '@scoria/operations';
import { PostgresOperationStore } from '../operations/postgres-operation-store.js';
import { HazardWorld } from '../test-support/hazard-world.js';
import { requestCancel, requestCancelIfFree } from './cancel-operation.js';

const worker = { id: randomUUID(), service: 'scheduler', host: 'host', leaseSeconds: 60 };

let world: HazardWorld;
let store: PostgresOperationStore;
beforeAll(async () => {
  world = await HazardWorld.open();
  store = new PostgresOperationStore(world.database);
  await store.heartbeat(worker);
});
afterAll(() => world?.[Symbol.asyncDispose]());

const claim = (id: string) =>
  store.claim({
    worker,
    queue: 'scheduler',
    limit: 1,
    definitions: OPERATIONS.map(definitionKey),
    running: [],
    slots: 1,
    share: 1,
    ids: [id],
  });

test('a request that holds what an operation changes does not wait for its commit', async () => {
  const id = await world.createVolume();
  await world.database.transaction(async (tx) => {
    await tx.query('select from operations where id = $1 for update', [id]);
    expect(await world.database.transaction((other) => requestCancelIfFree(other, id))).toEqual([]);
  });
  expect(await world.database.transaction((tx) => requestCancelIfFree(tx, id))).toHaveLength(1);
});

test('what is cancelled while it waits is due at once, and rung for when the request is done', async () => {
  const id = await world.createVolume();
  await world.database.query(`update operations set due_at = now() + interval '1 hour' where id = $1`, [id]);
  const due = await world.database.transaction(async (tx) => {
    const due = await requestCancel(tx, id);
    // Skipped by whoever looks now: this is what the ring after the commit is for.
    expect(await claim(id)).toEqual([]);
    return due;
  });
  expect(due).toEqual([{ operationId: id, queue: 'scheduler', step: 0 }]);
  expect(await claim(id)).toMatchObject([{ id, cancelRequested: true }]);
  expect(await world.database.transaction((tx) => requestCancel(tx, randomUUID()))).toEqual([]);
});
