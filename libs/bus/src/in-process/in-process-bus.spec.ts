import { onCast } from '../server/handlers.js';
import { busContract } from '../test-support/bus.contract.js';
import { QUEUE } from '../test-support/harness.js';
import { InProcessHarness } from '../test-support/in-process-harness.js';
import { Inbox } from '../test-support/inbox.js';
import { type Job, job } from '../test-support/test-contracts.js';
import { InProcessBus } from './in-process-bus.js';

describe('the in-process bus', () => {
  busContract(() => new InProcessHarness());

  it('hands out between casts: a sender that does nothing else does not fill the queue of a prompt handler', async () => {
    const bus = new InProcessBus({ maxQueueLength: 10, prefetch: 5 });
    const inbox = new Inbox<Job>();
    bus.serve({ queues: [QUEUE], handlers: [onCast(job, inbox.handle)] });
    for (let number = 1; number <= 100; number++) await bus.cast(job, QUEUE, { number });
    await inbox.received(100);
    await bus.close();
  });
});
