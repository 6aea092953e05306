import { onBroadcast, onCast } from '../server/handlers.js';
import { type Harness, OTHER_QUEUE, QUEUE } from './harness.js';
import { Inbox } from './inbox.js';
import { type Job, job, newerNews, news, otherNews } from './test-contracts.js';

/** Broadcasts, registration and drain, as every adapter keeps its promises about them. */
export function serviceContract(open: () => Harness): void {
  let harness: Harness;
  beforeEach(() => (harness = open()));
  afterEach(() => harness.close());

  it('tells every current listener, once each, and none that has left', async () => {
    const bus = harness.bus();
    const inboxes = [new Inbox<Job>(), new Inbox<Job>(), new Inbox<Job>()];
    const services = inboxes.map((inbox) =>
      bus.serve({ queues: [], handlers: [onBroadcast(news, inbox.handle)] }),
    );
    await Promise.all(services.map(({ ready }) => ready));
    await services[2]!.drain();
    await bus.broadcast(news, { number: 1 });
    await bus.broadcast(news, { number: 2 });
    await Promise.all([inboxes[0]!.received(2), inboxes[1]!.received(2)]);
    expect(inboxes.map(({ bodies }) => bodies.map(({ number }) => number))).toEqual([[1, 2], [1, 2], []]);
  });

  it('hears on after a listener failed', async () => {
    const bus = harness.bus();
    const inbox = new Inbox<Job>(({ number }) => number === 1);
    await bus.serve({ queues: [], handlers: [onBroadcast(news, inbox.handle)] }).ready;
    await bus.broadcast(news, { number: 1 });
    await bus.broadcast(news, { number: 2 });
    expect((await inbox.received(2)).map(({ number }) => number)).toEqual([1, 2]);
  });

  it('ignores broadcasts that are not for it, without dead letters: an upgrade would fill them', async () => {
    const bus = harness.bus();
    const inbox = new Inbox<Job>();
    await bus.serve({ queues: [QUEUE], handlers: [onBroadcast(news, inbox.handle)] }).ready;
    await bus.broadcast(otherNews, { number: 1 });
    await bus.broadcast(newerNews, { number: 2 });
    await bus.broadcast(news, { number: 3 });
    expect((await inbox.received(1)).map(({ number }) => number)).toEqual([3]);
    expect(await harness.deadLetters()).toEqual([]);
  });

  it('broadcasts to nobody without complaint', async () => {
    await expect(harness.bus().broadcast(news, { number: 1 })).resolves.toBeUndefined();
  });

  it('serves several queues and says which a message came from', async () => {
    const bus = harness.bus();
    const inbox = new Inbox<Job>();
    await bus.serve({ queues: [QUEUE, OTHER_QUEUE], handlers: [onCast(job, inbox.handle)] }).ready;
    await bus.cast(job, QUEUE, { number: 1 });
    await inbox.received(1);
    await bus.cast(job, OTHER_QUEUE, { number: 2 });
    await inbox.received(2);
    expect(inbox.contexts.map(({ queue }) => queue)).toEqual([QUEUE, OTHER_QUEUE]);
  });

  it('refuses to start with two handlers for one contract', () => {
    const inbox = new Inbox<Job>();
    const handlers = [onCast(job, inbox.handle), onCast(job, inbox.handle)];
    expect(() => harness.bus().serve({ queues: [QUEUE], handlers })).toThrow(
      'two handlers for contract test.job',
    );
  });

  it.each([
    ['', []],
    ['*', []],
    ['volume.#', []],
    [QUEUE, [QUEUE]],
  ])('refuses to serve %j beside %j', (queue, others) => {
    expect(() => harness.bus().serve({ queues: [...others, queue], handlers: [] })).toThrow('queue');
  });

  it('drains: takes no more, waits for what runs, and leaves the rest in the queue', async () => {
    const bus = harness.bus();
    const inbox = new Inbox<Job>().hold();
    const service = bus.serve({ queues: [QUEUE], prefetch: 1, handlers: [onCast(job, inbox.handle)] });
    await service.ready;
    await bus.cast(job, QUEUE, { number: 1 });
    await bus.cast(job, QUEUE, { number: 2 });
    await inbox.received(1);
    let drained = false;
    const drain = service.drain(30_000).then(() => (drained = true));
    await bus.cast(job, QUEUE, { number: 3 });
    expect(drained).toBe(false);
    inbox.release();
    await drain;
    expect(inbox.bodies).toHaveLength(1);
    const next = new Inbox<Job>();
    await bus.serve({ queues: [QUEUE], prefetch: 1, handlers: [onCast(job, next.handle)] }).ready;
    await next.received(2);
    expect(next.bodies.map(({ number }) => number)).toEqual([2, 3]);
    expect(next.contexts.map(({ deliveries }) => deliveries)).toEqual([1, 1]);
  });

  it('gives unfinished messages back in their order', async () => {
    const bus = harness.bus();
    const stuck = new Inbox<Job>().hold();
    const first = bus.serve({ queues: [QUEUE], prefetch: 3, handlers: [onCast(job, stuck.handle)] });
    await first.ready;
    for (const number of [1, 2, 3, 4]) await bus.cast(job, QUEUE, { number });
    await stuck.received(3);
    await first.drain(1);
    const next = new Inbox<Job>();
    await bus.serve({ queues: [QUEUE], prefetch: 1, handlers: [onCast(job, next.handle)] }).ready;
    expect((await next.received(4)).map(({ number }) => number)).toEqual([1, 2, 3, 4]);
    stuck.release();
  });

  it('drains at once while a failed cast waits for its next delivery', async () => {
    const bus = harness.bus({ retryDelayMs: 60_000 });
    const inbox = new Inbox<Job>(() => true);
    const service = bus.serve({ queues: [QUEUE], handlers: [onCast(job, inbox.handle)] });
    await service.ready;
    await bus.cast(job, QUEUE, { number: 1 });
    await inbox.received(1);
    await service.drain(60_000);
    const next = new Inbox<Job>();
    await bus.serve({ queues: [QUEUE], handlers: [onCast(job, next.handle)] }).ready;
    await next.received(1);
    expect(next.contexts[0]!.deliveries).toBe(2);
  });
}
