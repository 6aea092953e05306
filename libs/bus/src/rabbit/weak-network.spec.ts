import { Logger } from '@nestjs/common';
import { BusUnavailableError } from '@scoria/contracts';
import { type TestRabbit, testRabbit, waitFor } from '@scoria/testing';
import { onBroadcast, onCall, onCast } from '../server/handlers.js';
import { BROKER_START_MS, QUEUE } from '../test-support/harness.js';
import { Inbox } from '../test-support/inbox.js';
import { RabbitHarness } from '../test-support/rabbit-harness.js';
import { type Job, job, news, question } from '../test-support/test-contracts.js';
import { WeakNetwork } from '../test-support/weak-network.js';
import type { RabbitBus } from './rabbit-bus.js';

/** Each way: three quarters of a second for each answer, and fifteen seconds for the twenty that a service waits for. */
const SLOW_MS = 375;
const SLOW_LIMIT_MS = 120_000;

function soon(milliseconds = 20_000): Date {
  return new Date(Date.now() + milliseconds);
}

describe('the RabbitMQ bus over a weak network', () => {
  let rabbit: TestRabbit;
  let harness: RabbitHarness;
  let network: WeakNetwork;
  let sender: RabbitBus;
  let receiver: RabbitBus;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    rabbit = await testRabbit();
  }, BROKER_START_MS);
  afterAll(() => rabbit.release());
  beforeEach(async () => {
    harness = new RabbitHarness(rabbit.url);
    network = await WeakNetwork.before(rabbit.url);
    sender = harness.bus({ url: network.url });
    receiver = harness.bus();
  });
  afterEach(async () => {
    network.mend();
    await harness.close();
    await network.close();
  });

  it('fails a pending call when the connection is lost, and answers the next one', async () => {
    const held = new Inbox().hold();
    const answer = onCall(question, async (body, context) => {
      if (body.number === 1) await held.handle(body, context);
      return { doubled: 2 * body.number };
    });
    await receiver.serve({ queues: [QUEUE], handlers: [answer] }).ready;
    const pending = sender.call(question, QUEUE, { number: 1 }, { deadline: soon() });
    const outcome = expect(pending).rejects.toThrow(BusUnavailableError);
    await held.received(1);
    network.cut();
    await outcome;
    held.release();
    expect(await sender.call(question, QUEUE, { number: 2 }, { deadline: soon() })).toEqual({ doubled: 4 });
  });

  it('lets casts and calls wait for the network and then sends them', async () => {
    const inbox = new Inbox<Job>();
    const answer = onCall(question, async ({ number }) => ({ doubled: 2 * number }));
    await receiver.serve({ queues: [QUEUE], handlers: [onCast(job, inbox.handle), answer] }).ready;
    await sender.cast(job, QUEUE, { number: 1 });
    network.break();
    const cast = sender.cast(job, QUEUE, { number: 2 }, { timeoutMs: 20_000 });
    await waitFor(() => !sender.connected);
    const call = sender.call(question, QUEUE, { number: 3 }, { deadline: soon() });
    network.mend();
    await cast;
    expect(await call).toEqual({ doubled: 6 });
    expect((await inbox.received(2)).map(({ number }) => number)).toContain(2);
  });

  it('gives casts, calls and broadcasts up in their time while the network is broken', async () => {
    network.break();
    const ends = await Promise.allSettled([
      sender.cast(job, QUEUE, { number: 1 }, { timeoutMs: 50 }),
      sender.call(question, QUEUE, { number: 1 }, { deadline: soon(50) }),
    ]);
    expect(ends.map((end) => end.status === 'rejected' && end.reason)).toEqual([
      expect.any(BusUnavailableError),
      expect.any(BusUnavailableError),
    ]);
  });

  it('gives up in time when the network swallows everything, and comes back with it', async () => {
    const inbox = new Inbox<Job>();
    await receiver.serve({ queues: [QUEUE], handlers: [onCast(job, inbox.handle)] }).ready;
    await sender.cast(job, QUEUE, { number: 1 });
    network.freeze();
    await expect(sender.cast(job, QUEUE, { number: 2 }, { timeoutMs: 50 })).rejects.toThrow(
      BusUnavailableError,
    );
    network.mend();
    await sender.cast(job, QUEUE, { number: 3 }, { timeoutMs: 20_000 });
    await waitFor(() => inbox.bodies.some(({ number }) => number === 3));
  });

  it('closes in bounded time when the network swallows everything', async () => {
    await waitFor(() => sender.connected);
    network.freeze();
    await sender.close();
    expect(sender.connected).toBe(false);
  });

  it('drains within its limit when the network swallows everything', async () => {
    const held = new Inbox<Job>().hold();
    const silent = new URL(network.url);
    // Nothing but the limit ends the wait: without heartbeats nobody notices.
    silent.searchParams.set('heartbeat', '0');
    const service = harness
      .bus({ url: silent.href })
      .serve({ queues: [QUEUE], handlers: [onCast(job, held.handle)] });
    await service.ready;
    await receiver.cast(job, QUEUE, { number: 1 });
    await held.received(1);
    network.freeze();
    await service.drain(1_000);
    expect(service.connected).toBe(false);
    held.release();
  });

  it('consumes nothing over a session that was being opened when the drain began', async () => {
    const held = new Inbox<Job>().hold();
    const handlers = [onCast(job, held.handle), onBroadcast(news, held.handle)];
    const service = sender.serve({ queues: [QUEUE], handlers });
    await service.ready;
    await receiver.cast(job, QUEUE, { number: 1 });
    await held.received(1);
    // Slow enough for the cast to come again before the rest of the session is open.
    network.slow(150);
    let times = 1;
    do {
      network.cut();
      await held.received(++times);
    } while (service.connected);
    const drained = service.drain(30_000);
    await waitFor(() => service.connected, { describe: 'the session to be open' });
    const next = new Inbox<Job>();
    await receiver.cast(job, QUEUE, { number: 2 });
    await receiver.serve({ queues: [QUEUE], handlers: [onCast(job, next.handle)] }).ready;
    expect(await next.received(1)).toEqual([{ number: 2 }]);
    held.release();
    await drained;
  });

  it('refuses beyond a bounded number of messages that wait for the broker', async () => {
    network.break();
    const casts = Array.from({ length: 1_001 }, (_, number) =>
      sender.cast(job, QUEUE, { number }, { timeoutMs: 3_000 }),
    );
    await expect(casts.at(-1)).rejects.toThrow('1000 messages are waiting');
    await Promise.allSettled(casts);
  });

  it('serves on after a cut: unfinished casts come again, broadcasts are heard, and late settling harms nothing', async () => {
    const held = new Inbox<Job>().hold();
    const heard = new Inbox<Job>();
    const service = sender.serve({
      queues: [QUEUE],
      handlers: [onCast(job, held.handle), onBroadcast(news, heard.handle)],
    });
    await service.ready;
    await receiver.cast(job, QUEUE, { number: 1 });
    await held.received(1);
    network.cut();
    await held.received(2);
    expect(held.contexts[1]!.redelivered).toBe(true);
    held.release();
    await waitFor(() => held.running === 0);
    await receiver.cast(job, QUEUE, { number: 2 });
    await held.received(3);
    await waitFor(async () => {
      await receiver.broadcast(news, { number: 3 });
      return heard.bodies.length > 0;
    });
    await service.drain();
    const next = new Inbox<Job>();
    await receiver.serve({ queues: [QUEUE], prefetch: 1, handlers: [onCast(job, next.handle)] }).ready;
    await receiver.cast(job, QUEUE, { number: 4 });
    expect((await next.received(1)).map(({ number }) => number)).toEqual([4]);
  });

  it('gives a cast up that takes its service down with it time and again', async () => {
    const deadly = new Inbox<Job>().hold();
    const fragile = harness.bus({ url: network.url, deliveryLimit: 2 });
    const service = fragile.serve({ queues: [QUEUE], handlers: [onCast(job, deadly.handle)] });
    await service.ready;
    await receiver.cast(job, QUEUE, { number: 1 });
    for (const times of [1, 2, 3]) {
      await deadly.received(times);
      network.cut();
    }
    const letters = await waitFor(() => harness.deadLetters(), { until: ({ length }) => length > 0 });
    expect(letters).toEqual([{ queue: `${harness.prefix}${QUEUE}`, reason: 'delivery_limit' }]);
    deadly.release();
  });

  it(
    'finds its way to a queue that others serve, however slow the way is, and leaves the queue and its messages alone',
    async () => {
      const held = new Inbox<Job>().hold();
      await receiver.serve({ queues: [QUEUE], prefetch: 1, handlers: [onCast(job, held.handle)] }).ready;
      await receiver.cast(job, QUEUE, { number: 1 });
      await receiver.cast(job, QUEUE, { number: 2 });
      await held.received(1);
      network.slow(SLOW_MS);
      const inbox = new Inbox<Job>();
      await harness
        .bus({ url: network.url })
        .serve({ queues: [QUEUE], handlers: [onCast(job, inbox.handle)] }).ready;
      expect(await inbox.received(1)).toEqual([{ number: 2 }]);
      expect(held.bodies).toEqual([{ number: 1 }]);
      held.release();
    },
    SLOW_LIMIT_MS,
  );

  it('waits for a broker that is not there yet when a service starts', async () => {
    network.break();
    const late = harness.bus({ url: network.url });
    const inbox = new Inbox<Job>();
    const service = late.serve({ queues: [QUEUE], handlers: [onCast(job, inbox.handle)] });
    expect(service.connected).toBe(false);
    network.mend();
    await service.ready;
    await late.cast(job, QUEUE, { number: 1 }, { timeoutMs: 20_000 });
    await inbox.received(1);
  });

  it('lets a service that never reached the broker be drained', async () => {
    network.break();
    const service = sender.serve({ queues: [QUEUE], handlers: [] });
    await service.drain();
    await expect(service.ready).rejects.toThrow(BusUnavailableError);
  });
});
