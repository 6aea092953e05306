import { jest } from '@jest/globals';
import type { Delivery, Dispatcher, Verdict } from '../server/dispatcher.js';
import { InProcessService } from './in-process-service.js';
import { WorkQueue } from './work-queue.js';

const delivery: Delivery = {
  kind: 'cast',
  queue: 'queue',
  message: {} as Delivery['message'],
  deliveries: 1,
};

test('messages leave nothing behind: no promise of the service gathers a reaction for each', async () => {
  const queue = new WorkQueue(100, (work) => work());
  const settled = Promise.withResolvers<void>();
  let count = 0;
  const service = new InProcessService({
    sources: [queue],
    prefetch: 5,
    dispatcher: { dispatch: async (): Promise<Verdict> => ({ action: 'ack' }) } as unknown as Dispatcher,
    draining: new AbortController(),
    settle: () => ++count === 100 && settled.resolve(),
  });
  const then = jest.spyOn(Promise.prototype, 'then');
  try {
    for (let number = 0; number < 100; number++) queue.push(delivery);
    await settled.promise;
    const reactions = Map.groupBy(then.mock.contexts as unknown[], (promise) => promise);
    expect(reactions.size).toBeGreaterThanOrEqual(100);
    expect(Math.max(...[...reactions.values()].map(({ length }) => length))).toBeLessThan(10);
  } finally {
    then.mockRestore();
  }
  await service.drain();
});
