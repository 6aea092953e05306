import { Logger } from '@nestjs/common';
import { type TestRabbit, testRabbit, waitFor } from '@scoria/testing';
import { MAX_BODY_BYTES } from '../options.js';
import { onCall, onCast } from '../server/handlers.js';
import { BROKER_START_MS, OTHER_QUEUE, QUEUE } from '../test-support/harness.js';
import { Inbox } from '../test-support/inbox.js';
import { RabbitHarness } from '../test-support/rabbit-harness.js';
import { type Job, type Question, job, question } from '../test-support/test-contracts.js';
import { HEADER } from '../wire/headers.js';

describe('the RabbitMQ bus and what others do in the broker', () => {
  let rabbit: TestRabbit;
  let harness: RabbitHarness;
  const known = { [HEADER.contract]: job.name, [HEADER.version]: '2' };

  beforeAll(async () => {
    Logger.overrideLogger(false);
    rabbit = await testRabbit();
  }, BROKER_START_MS);
  afterAll(() => rabbit.release());
  beforeEach(() => void (harness = new RabbitHarness(rabbit.url)));
  afterEach(() => harness.close());

  it.each([
    ['bytes that are not JSON', Buffer.from([0xff, 0x00, 0x7b]), known, 'unparseable'],
    ['nothing at all', Buffer.alloc(0), known, 'unparseable'],
    ['a body beyond the limit', Buffer.alloc(MAX_BODY_BYTES + 1, 0x20), known, 'too-large'],
    ['no headers', Buffer.from('{"number":1}'), {}, 'unknown-contract'],
    ['no version', Buffer.from('{"number":1}'), { [HEADER.contract]: job.name }, 'bad-header'],
  ])('puts %s with the dead letters and goes on', async (_, content, headers, reason) => {
    const bus = harness.bus({ retryDelayMs: 1 });
    const inbox = new Inbox<Job>();
    await bus.serve({ queues: [QUEUE], prefetch: 1, handlers: [onCast(job, inbox.handle)] }).ready;
    await harness.publishRaw(QUEUE, content, headers);
    await bus.cast(job, QUEUE, { number: 2 });
    expect((await inbox.received(1)).map(({ number }) => number)).toEqual([2]);
    expect(await harness.deadLetters()).toEqual([{ queue: QUEUE, reason }]);
  });

  it('drops a call that arrives late although the broker let it pass', async () => {
    const bus = harness.bus();
    const inbox = new Inbox<Question>();
    const answer = onCall(question, async (body, context) => {
      await inbox.handle(body, context);
      return { doubled: 0 };
    });
    await bus.serve({ queues: [QUEUE], prefetch: 1, handlers: [answer] }).ready;
    await harness.publishRaw(`${QUEUE}.calls`, Buffer.from('{"number":1}'), {
      [HEADER.contract]: question.name,
      [HEADER.version]: '2',
      [HEADER.deadline]: new Date(Date.now() - 1).toISOString(),
    });
    await bus.call(question, QUEUE, { number: 2 }, { deadline: new Date(Date.now() + 20_000) });
    expect(inbox.bodies.map(({ number }) => number)).toEqual([2]);
    expect(await harness.deadLetters()).toEqual([]);
  });

  it('declares a queue again that was deleted under its consumer', async () => {
    const bus = harness.bus();
    const inbox = new Inbox<Job>();
    const service = bus.serve({ queues: [QUEUE], handlers: [onCast(job, inbox.handle)] });
    await service.ready;
    await harness.deleteQueue(QUEUE);
    await waitFor(async () => {
      await bus.cast(job, QUEUE, { number: 1 });
      return true;
    });
    await inbox.received(1);
  });

  it('recovers when the exchange that it writes to is deleted', async () => {
    const bus = harness.bus();
    const inbox = new Inbox<Job>();
    await bus.serve({ queues: [QUEUE], handlers: [onCast(job, inbox.handle)] }).ready;
    await bus.cast(job, QUEUE, { number: 1 });
    await harness.deleteExchange('scoria');
    // Published again over a new session, whose exchange has no binding until the queue is declared anew.
    await expect(bus.cast(job, QUEUE, { number: 2 })).rejects.toThrow(`no queue ${QUEUE}`);
    await harness.deleteQueue(QUEUE);
    await waitFor(async () => {
      await bus.cast(job, QUEUE, { number: 3 });
      return true;
    });
    await waitFor(() => inbox.bodies.some(({ number }) => number === 3));
  });

  it('uses a queue that exists with other limits as it is', async () => {
    const before = harness.bus({ deliveryLimit: 3, maxQueueLength: 7 });
    const away = before.serve({ queues: [QUEUE], handlers: [] });
    await away.ready;
    await away.drain();
    const bus = harness.bus({ deliveryLimit: 4, maxQueueLength: 8 });
    const inbox = new Inbox<Job>();
    await bus.serve({ queues: [QUEUE, OTHER_QUEUE], handlers: [onCast(job, inbox.handle)] }).ready;
    await bus.cast(job, QUEUE, { number: 1 });
    await bus.cast(job, OTHER_QUEUE, { number: 2 });
    await inbox.received(2);
  });
});
