import { BusUnavailableError, DeadlineError, RefusedError, UnroutableError } from '@scoria/contracts';
import { Fault } from '@scoria/domain';
import { waitFor } from '@scoria/testing';
import { onCall } from '../server/handlers.js';
import type { MessageContext } from '../server/message-context.js';
import { type Harness, QUEUE, type TestBus } from './harness.js';
import { Inbox } from './inbox.js';
import {
  type Answer,
  Question,
  newerQuestion,
  olderQuestion,
  question,
  unknownQuestion,
} from './test-contracts.js';

const double = onCall(question, async ({ number }) => ({ doubled: 2 * number }));

function soon(milliseconds = 20_000): Date {
  return new Date(Date.now() + milliseconds);
}

/** Calls, as every adapter keeps its promises about them. */
export function callContract(open: () => Harness): void {
  let harness: Harness;
  beforeEach(() => (harness = open()));
  afterEach(() => harness.close());

  async function served(
    handle: (body: Question, context: MessageContext) => Promise<Answer>,
  ): Promise<TestBus> {
    const bus = harness.bus();
    await bus.serve({ queues: [QUEUE], prefetch: 1, handlers: [onCall(question, handle)] }).ready;
    return bus;
  }

  it('answers a call, and tells its handler the deadline and the request', async () => {
    const contexts: MessageContext[] = [];
    const bus = await served(async ({ number }, context) => {
      contexts.push(context);
      return { doubled: 2 * number };
    });
    const deadline = soon();
    const answer = await bus.call(question, QUEUE, { number: 21 }, { deadline, requestId: 'req-7' });
    expect(answer).toBeInstanceOf(question.reply);
    expect(answer).toEqual({ doubled: 42 });
    expect(contexts[0]).toMatchObject({ deadline, requestId: 'req-7', contract: 'test.question' });
  });

  it('gives each of many calls its own answer', async () => {
    const bus = harness.bus();
    await bus.serve({ queues: [QUEUE], handlers: [double] }).ready;
    const numbers = Array.from({ length: 50 }, (_, index) => index);
    const answers = await Promise.all(
      numbers.map((number) => bus.call(question, QUEUE, { number }, { deadline: soon() })),
    );
    expect(answers.map(({ doubled }) => doubled)).toEqual(numbers.map((number) => 2 * number));
  });

  it('says that nobody is there to ask, also after the last server has left', async () => {
    const bus = harness.bus();
    const ask = (): Promise<Answer> => bus.call(question, QUEUE, { number: 1 }, { deadline: soon() });
    await expect(ask()).rejects.toThrow(UnroutableError);
    const service = bus.serve({ queues: [QUEUE], handlers: [double] });
    await service.ready;
    await ask();
    await service.drain();
    await expect(ask()).rejects.toThrow(UnroutableError);
  });

  it('carries a Fault to the caller without its cause', async () => {
    const bus = await served(async () => {
      const cause = new Error('password=secret');
      throw new Fault('overLimit', 'too many', { cause, retryAfter: 7 });
    });
    const error = await bus
      .call(question, QUEUE, { number: 1 }, { deadline: soon() })
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(Fault);
    expect(error).toMatchObject({ kind: 'overLimit', message: 'too many', retryAfter: 7 });
    expect((error as Fault).cause).toBeUndefined();
  });

  it('tells nothing of any other error', async () => {
    const bus = await served(async () => {
      throw new TypeError('password=secret');
    });
    const error = await bus
      .call(question, QUEUE, { number: 1 }, { deadline: soon() })
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(Fault);
    expect(JSON.stringify([String(error), error])).not.toContain('secret');
  });

  it.each([
    ['an invalid body', question, { number: 'one' }],
    ['an unknown contract', unknownQuestion, { number: 1 }],
    ['a newer version', newerQuestion, { number: 1 }],
  ])('refuses %s and keeps it with the dead letters', async (_, contract, body) => {
    const bus = harness.bus();
    await bus.serve({ queues: [QUEUE], handlers: [double] }).ready;
    const asked = bus.call(contract, QUEUE, body as Question, { deadline: soon() });
    await expect(asked).rejects.toThrow(RefusedError);
    expect(await bus.call(olderQuestion, QUEUE, { number: 1 }, { deadline: soon() })).toEqual({ doubled: 2 });
    // The refusal is told first.
    const letters = await waitFor(() => harness.deadLetters(), { until: (found) => found.length > 0 });
    expect(letters).toHaveLength(1);
  });

  it('refuses an answer that is not what the contract says', async () => {
    const bus = await served(async () => ({ doubled: 'two' }) as unknown as Answer);
    await expect(bus.call(question, QUEUE, { number: 1 }, { deadline: soon() })).rejects.toThrow(
      RefusedError,
    );
  });

  it('stops waiting at the deadline, and the next call is not mixed up with the late answer', async () => {
    const gate = Promise.withResolvers<void>();
    const bus = await served(async ({ number }) => {
      if (number === 1) await gate.promise;
      return { doubled: 2 * number };
    });
    await expect(bus.call(question, QUEUE, { number: 1 }, { deadline: soon(50) })).rejects.toThrow(
      DeadlineError,
    );
    gate.resolve();
    expect(await bus.call(question, QUEUE, { number: 2 }, { deadline: soon() })).toEqual({ doubled: 4 });
  });

  it('drops a call whose caller stopped waiting instead of executing it for nobody', async () => {
    const inbox = new Inbox<Question>().hold();
    const bus = await served(async (body, context) => {
      await inbox.handle(body, context);
      return { doubled: 2 * body.number };
    });
    const first = bus.call(question, QUEUE, { number: 1 }, { deadline: soon() });
    await inbox.received(1);
    const late = bus.call(question, QUEUE, { number: 2 }, { deadline: soon(50) });
    await expect(late).rejects.toThrow(DeadlineError);
    inbox.release();
    await first;
    await bus.call(question, QUEUE, { number: 3 }, { deadline: soon() });
    expect(inbox.bodies.map(({ number }) => number)).toEqual([1, 3]);
  });

  it('does not send a call whose deadline has passed already', async () => {
    const inbox = new Inbox<Question>();
    const bus = await served(async (body, context) => {
      await inbox.handle(body, context);
      return { doubled: 0 };
    });
    await expect(bus.call(question, QUEUE, { number: 1 }, { deadline: new Date(0) })).rejects.toThrow(
      DeadlineError,
    );
    await bus.call(question, QUEUE, { number: 2 }, { deadline: soon() });
    expect(inbox.bodies).toHaveLength(1);
  });

  it('waits for an answer under a deadline far in the future', async () => {
    const bus = await served(async ({ number }) => ({ doubled: 2 * number }));
    const deadline = new Date('2999-01-01T00:00:00Z');
    expect(await bus.call(question, QUEUE, { number: 1 }, { deadline })).toEqual({ doubled: 2 });
  });

  it('takes no call after it was closed', async () => {
    const bus = await served(async ({ number }) => ({ doubled: 2 * number }));
    await bus.close();
    const asked = bus.call(question, QUEUE, { number: 1 }, { deadline: soon() });
    await expect(asked).rejects.toThrow(BusUnavailableError);
    expect(bus.connected).toBe(false);
  });
}
