import { waitFor } from '@scoria/testing';
import { BACKEND_QUEUE, HazardWorld } from '../test-support/hazard-world.js';

test('a bell that takes its time holds no slot, and the end of the service waits for it', async () => {
  await using world = await HazardWorld.open();
  const broker = Promise.withResolvers<void>();
  const order: string[] = [];
  const { engine, store } = await world.worker({
    queues: ['scheduler'],
    maxConcurrent: 1,
    ring: () => broker.promise.then(() => void order.push('rung')),
  });
  const retire = store.retire.bind(store);
  store.retire = (worker) => {
    order.push('retired');
    return retire(worker);
  };
  await world.createVolume();
  await world.createVolume();
  await engine.start();
  await waitFor(
    () => world.database.query('select from operations where queue = $1 and owner is null', [BACKEND_QUEUE]),
    { until: (placed) => placed.length === 2, describe: 'both to be placed' },
  );
  const stopped = engine.stop(60_000);
  // Long enough for a stop that does not wait.
  for (let turn = 0; turn < 100; turn++) await world.database.query('select 1');
  broker.resolve();
  await stopped;
  expect(order).toEqual(['rung', 'rung', 'retired']);
});
