import { waitFor } from '@scoria/testing';
import { HazardWorld, nothing } from '../test-support/hazard-world.js';

test('a retry that is due before its answer has come is not run beside itself', async () => {
  await using world = await HazardWorld.open();
  let runs = 0;
  let sweeps = 0;
  const sweepsFromNow = (count: number): Promise<unknown> => {
    const from = sweeps;
    return waitFor(() => sweeps >= from + count, { describe: `${count} sweeps` });
  };
  const { engine, store } = await world.worker({
    handlers: {
      provision: {
        ...nothing(),
        run: async () => {
          if (++runs === 1) throw new Error('the first run fails');
          await sweepsFromNow(6);
        },
      },
    },
  });
  const claim = store.claim.bind(store);
  store.claim = (request) => claim(request).finally(() => sweeps++);
  const transition = store.transition.bind(store);
  store.transition = async (...request) => {
    const made = await transition(...request);
    if (made.to === 'retry') await sweepsFromNow(6);
    return made;
  };
  const id = await world.createVolume();
  await engine.start();
  expect(await world.ended(id)).toMatchObject({ state: 'succeeded' });
  expect(runs).toBe(2);
});
