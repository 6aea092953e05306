import { BusUnavailableError, RefusedError, UnroutableError } from '@scoria/contracts';
import { waitFor } from '@scoria/testing';
import { MAX_BODY_BYTES } from '../options.js';
import { onCall, onCast } from '../server/handlers.js';
import { type Harness, OTHER_QUEUE, QUEUE } from './harness.js';
import { Inbox } from './inbox.js';
import { Job, job, newerJob, olderJob, question, unknownJob } from './test-contracts.js';

/** Casts, as every adapter keeps its promises about them. */
export function castContract(open: () => Harness): void {
  let harness: Harness;
  beforeEach(() => (harness = open()));
  afterEach(() => harness.close());

  it('handles a cast once, as an instance of its class, and says whose request it was', async () => {
    const bus = harness.bus();
    const inbox = new Inbox<Job>();
    await bus.serve({ queues: [QUEUE], handlers: [onCast(job, inbox.handle)] }).ready;
    await bus.cast(job, QUEUE, { number: 1 }, { requestId: 'req-1' });
    await bus.cast(job, QUEUE, { number: 2 });
    await inbox.received(2);
    expect(inbox.bodies.map(({ number }) => number)).toEqual([1, 2]);
    expect(inbox.bodies[0]).toBeInstanceOf(Job);
    expect(inbox.contexts[0]).toMatchObject({
      contract: 'test.job',
      version: 2,
      queue: QUEUE,
      deliveries: 1,
      requestId: 'req-1',
    });
  });

  it('shares no object between sender and handler', async () => {
    const bus = harness.bus();
    const inbox = new Inbox<Job>();
    await bus.serve({ queues: [QUEUE], handlers: [onCast(job, inbox.handle)] }).ready;
    const body = { number: 1, text: 'before' };
    const sent = bus.cast(job, QUEUE, body);
    body.text = 'after';
    await sent;
    expect((await inbox.received(1))[0]!.text).toBe('before');
  });

  it('acknowledges a cast only after its handler: what a service leaves unfinished goes to another', async () => {
    const bus = harness.bus();
    const stuck = new Inbox<Job>().hold();
    const first = bus.serve({ queues: [QUEUE], handlers: [onCast(job, stuck.handle)] });
    await first.ready;
    await bus.cast(job, QUEUE, { number: 1 });
    await stuck.received(1);
    await first.drain(1);
    const inbox = new Inbox<Job>();
    await bus.serve({ queues: [QUEUE], handlers: [onCast(job, inbox.handle)] }).ready;
    await inbox.received(1);
    expect(inbox.contexts[0]!.redelivered).toBe(true);
    stuck.release();
  });

  it('keeps a cast for a service that is away', async () => {
    const bus = harness.bus();
    const away = bus.serve({ queues: [QUEUE], handlers: [] });
    await away.ready;
    await away.drain();
    await bus.cast(job, QUEUE, { number: 1 });
    const inbox = new Inbox<Job>();
    await bus.serve({ queues: [QUEUE], handlers: [onCast(job, inbox.handle)] }).ready;
    await inbox.received(1);
    expect(inbox.contexts[0]!.deliveries).toBe(1);
  });

  it('says that a cast has no queue', async () => {
    const bus = harness.bus();
    await expect(bus.cast(job, QUEUE, { number: 1 })).rejects.toThrow(UnroutableError);
  });

  it('hands a cast out again after its handler failed, and then no more', async () => {
    const bus = harness.bus({ retryDelayMs: 1 });
    const inbox = new Inbox<Job>(({ number }, { deliveries }) => number === 1 && deliveries < 3);
    await bus.serve({ queues: [QUEUE], handlers: [onCast(job, inbox.handle)] }).ready;
    await bus.cast(job, QUEUE, { number: 1 });
    await inbox.received(3);
    await bus.cast(job, QUEUE, { number: 2 });
    await inbox.received(4);
    expect(inbox.contexts.map(({ deliveries }) => deliveries)).toEqual([1, 2, 3, 1]);
    expect(await harness.deadLetters()).toEqual([]);
  });

  it('gives a cast up at the delivery limit, with the reason, and goes on with the others', async () => {
    const bus = harness.bus({ deliveryLimit: 3, retryDelayMs: 1 });
    const inbox = new Inbox<Job>(({ number }) => number === 1);
    await bus.serve({ queues: [QUEUE], prefetch: 1, handlers: [onCast(job, inbox.handle)] }).ready;
    await bus.cast(job, QUEUE, { number: 1 });
    await bus.cast(job, QUEUE, { number: 2 });
    await waitFor(() => inbox.bodies.some(({ number }) => number === 2));
    const letters = await waitFor(() => harness.deadLetters(), { until: (found) => found.length > 0 });
    expect(letters).toEqual([{ queue: QUEUE, reason: 'delivery-limit' }]);
    expect(await bus.countDeadLetters()).toBe(1);
    expect(inbox.bodies.filter(({ number }) => number === 1)).toHaveLength(3);
  });

  it.each([
    ['an invalid body', job, { number: 'one' }, 'invalid-body'],
    ['a body that is not an object', job, [], 'unparseable'],
  ])(
    'puts %s with the dead letters at once and does not block the queue',
    async (_, contract, body, reason) => {
      const bus = harness.bus();
      const inbox = new Inbox<Job>();
      await bus.serve({ queues: [QUEUE], prefetch: 1, handlers: [onCast(job, inbox.handle)] }).ready;
      await bus.cast(contract, QUEUE, body as unknown as Job);
      await bus.cast(job, QUEUE, { number: 2 });
      await inbox.received(1);
      expect(inbox.bodies.map(({ number }) => number)).toEqual([2]);
      expect(await harness.deadLetters()).toEqual([{ queue: QUEUE, reason }]);
    },
  );

  it.each([
    ['a newer version', newerJob],
    ['an unknown contract', unknownJob],
  ])('leaves %s to a process that knows it', async (_, contract) => {
    const bus = harness.bus({ retryDelayMs: 1 });
    const old = new Inbox<Job>();
    await bus.serve({ queues: [QUEUE], prefetch: 1, handlers: [onCast(job, old.handle)] }).ready;
    const next = new Inbox<Job>();
    const understood = [onCast(contract, next.handle)];
    await bus.serve({ queues: [QUEUE], prefetch: 1, handlers: understood }).ready;
    for (let number = 1; number <= 4; number++) await bus.cast(contract, QUEUE, { number });
    const received = await next.received(4);
    expect(received.map(({ number }) => number).sort()).toEqual([1, 2, 3, 4]);
    expect(old.bodies).toEqual([]);
    expect(await harness.deadLetters()).toEqual([]);
  });

  it.each([
    ['a newer version', newerJob, 'newer-version'],
    ['an unknown contract', unknownJob, 'unknown-contract'],
  ])('puts %s that nobody knows with the dead letters, and goes on', async (_, contract, reason) => {
    const bus = harness.bus({ deliveryLimit: 3, retryDelayMs: 1 });
    const inbox = new Inbox<Job>();
    await bus.serve({ queues: [QUEUE], prefetch: 1, handlers: [onCast(job, inbox.handle)] }).ready;
    await bus.cast(contract, QUEUE, { number: 1 });
    await bus.cast(job, QUEUE, { number: 2 });
    expect((await inbox.received(1)).map(({ number }) => number)).toEqual([2]);
    const letters = await waitFor(() => harness.deadLetters(), { until: (found) => found.length > 0 });
    expect(letters).toEqual([{ queue: QUEUE, reason }]);
  });

  it('treats a contract of another kind as unknown: a call is not handled as a cast', async () => {
    const bus = harness.bus({ retryDelayMs: 1 });
    await bus.serve({
      queues: [QUEUE],
      handlers: [onCall(question, async ({ number }) => ({ doubled: 2 * number }))],
    }).ready;
    await bus.cast({ ...job, name: question.name }, QUEUE, { number: 1 });
    const letters = await waitFor(() => harness.deadLetters(), { until: (found) => found.length > 0 });
    expect(letters).toEqual([{ queue: QUEUE, reason: 'unknown-contract' }]);
  });

  it('accepts an older version and says which, and drops properties that it does not know', async () => {
    const bus = harness.bus();
    const inbox = new Inbox<Job>();
    await bus.serve({ queues: [QUEUE], handlers: [onCast(job, inbox.handle)] }).ready;
    const body: Job & { added: string } = { number: 1, added: 'by a later release' };
    await bus.cast(olderJob, QUEUE, body);
    expect((await inbox.received(1))[0]).toEqual({ number: 1 });
    expect(inbox.contexts[0]!.version).toBe(1);
  });

  it('refuses a body beyond the size limit before it is sent', async () => {
    const bus = harness.bus();
    await bus.serve({ queues: [QUEUE], handlers: [] }).ready;
    const body = { number: 1, text: 'x'.repeat(MAX_BODY_BYTES) };
    await expect(bus.cast(job, QUEUE, body)).rejects.toThrow(RefusedError);
  });

  it('refuses casts to a full queue and takes them again when there is room', async () => {
    const bus = harness.bus({ maxQueueLength: 3 });
    const away = bus.serve({ queues: [QUEUE], handlers: [] });
    await away.ready;
    await away.drain();
    // RabbitMQ stops a little after the bound, never far.
    const fill = async (): Promise<void> => {
      for (let number = 1; number <= 50; number++) await bus.cast(job, QUEUE, { number });
    };
    await expect(fill()).rejects.toThrow(BusUnavailableError);
    const inbox = new Inbox<Job>();
    await bus.serve({ queues: [QUEUE], handlers: [onCast(job, inbox.handle)] }).ready;
    await waitFor(async () => {
      await bus.cast(job, QUEUE, { number: 1000 });
      return true;
    });
    await waitFor(() => inbox.bodies.some(({ number }) => number === 1000));
  });

  it('hands out no more than the prefetch of one queue, and does not hold up another queue or calls', async () => {
    const bus = harness.bus();
    const slow = new Inbox<Job>().hold();
    const quick = new Inbox<Job>();
    const answer = onCall(question, async ({ number }) => ({ doubled: 2 * number }));
    await bus.serve({ queues: [QUEUE], prefetch: 2, handlers: [onCast(job, slow.handle), answer] }).ready;
    await bus.serve({ queues: [OTHER_QUEUE], handlers: [onCast(job, quick.handle)] }).ready;
    for (let number = 1; number <= 5; number++) await bus.cast(job, QUEUE, { number });
    await slow.received(2);
    await bus.cast(job, OTHER_QUEUE, { number: 6 });
    await quick.received(1);
    const deadline = new Date(Date.now() + 20_000);
    expect(await bus.call(question, QUEUE, { number: 4 }, { deadline })).toEqual({ doubled: 8 });
    expect(slow.bodies).toHaveLength(2);
    slow.release();
    await slow.received(5);
    expect(slow.mostRunning).toBe(2);
  });

  it('shares a queue among its members', async () => {
    const bus = harness.bus();
    const one = new Inbox<Job>().hold();
    const two = new Inbox<Job>().hold();
    await bus.serve({ queues: [QUEUE], prefetch: 1, handlers: [onCast(job, one.handle)] }).ready;
    await bus.serve({ queues: [QUEUE], prefetch: 1, handlers: [onCast(job, two.handle)] }).ready;
    await bus.cast(job, QUEUE, { number: 1 });
    await bus.cast(job, QUEUE, { number: 2 });
    await Promise.all([one.received(1), two.received(1)]);
    expect([one.bodies[0]!.number, two.bodies[0]!.number].sort()).toEqual([1, 2]);
    one.release();
    two.release();
  });
}
