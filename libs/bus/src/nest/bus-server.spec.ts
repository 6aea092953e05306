import { Controller, type INestApplicationContext, Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { RefusedError } from '@scoria/contracts';
import { Fault } from '@scoria/domain';
import { InProcessBus } from '../in-process/in-process-bus.js';
import { onCast } from '../server/handlers.js';
import { MessageContext } from '../server/message-context.js';
import { QUEUE } from '../test-support/harness.js';
import { Inbox } from '../test-support/inbox.js';
import { Answer, Job, Question, job, news, question } from '../test-support/test-contracts.js';
import { BusServer } from './bus-server.js';
import { HandleBroadcast, HandleCall, HandleCast } from './decorators.js';

const casts = new Inbox<Job>();
const broadcasts = new Inbox<Job>();

@Controller()
class TestController {
  @HandleCast(job)
  work(body: Job, context: MessageContext): Promise<void> {
    return casts.handle(body, context);
  }

  @HandleBroadcast(news)
  hear(body: Job, context: MessageContext): Promise<void> {
    return broadcasts.handle(body, context);
  }

  @HandleCall(question)
  async answer({ number }: Question): Promise<Answer> {
    if (number < 0) throw new Fault('badRequest', 'not that one', { cause: new Error('secret') });
    return { doubled: 2 * number };
  }
}

@Controller()
class SecondController {
  @HandleCast(job)
  async work(): Promise<void> {
    await Promise.resolve();
  }
}

@Module({ controllers: [TestController] })
class TestModule {}

@Module({ controllers: [TestController, SecondController] })
class ModuleWithTwoHandlers {}

describe('Nest controllers on the bus', () => {
  let bus: InProcessBus;
  let app: INestApplicationContext | undefined;

  async function start(module: object): Promise<INestApplicationContext> {
    const strategy = new BusServer(bus, { queues: [QUEUE] });
    const options = { strategy, logger: false as const, abortOnError: false };
    const microservice = await NestFactory.createMicroservice(module, options);
    await microservice.listen();
    return microservice;
  }

  beforeEach(() => {
    Logger.overrideLogger(false);
    bus = new InProcessBus({ deliveryLimit: 2, retryDelayMs: 1 });
  });
  afterEach(async () => {
    await app?.close();
    app = undefined;
    await bus.close();
  });

  it('are handlers of casts, calls and broadcasts, with the body and its context', async () => {
    app = await start(TestModule);
    await bus.cast(job, QUEUE, { number: 1 }, { requestId: 'req-1' });
    await bus.broadcast(news, { number: 2 });
    const deadline = new Date(Date.now() + 20_000);
    expect(await bus.call(question, QUEUE, { number: 3 }, { deadline })).toEqual({ doubled: 6 });
    expect((await casts.received(1))[0]).toBeInstanceOf(Job);
    expect(casts.contexts[0]).toBeInstanceOf(MessageContext);
    expect(casts.contexts[0]!.requestId).toBe('req-1');
    expect((await broadcasts.received(1))[0]).toEqual({ number: 2 });
  });

  it('keep their Faults: Nest does not put an internal error in their place', async () => {
    app = await start(TestModule);
    const deadline = new Date(Date.now() + 20_000);
    const error = await bus.call(question, QUEUE, { number: -1 }, { deadline }).catch((e: unknown) => e);
    expect(error).toMatchObject({ name: 'Fault', kind: 'badRequest', message: 'not that one' });
    await expect(
      bus.call(question, QUEUE, { number: 'one' } as unknown as Question, { deadline }),
    ).rejects.toThrow(RefusedError);
  });

  it('do not start with two handlers for one contract', async () => {
    await expect(start(ModuleWithTwoHandlers)).rejects.toThrow('two handlers for contract test.job');
  });

  it('finish what they have in hand when the application closes, and take no more', async () => {
    casts.bodies.length = 0;
    casts.hold();
    app = await start(TestModule);
    await bus.cast(job, QUEUE, { number: 1 });
    await casts.received(1);
    const closed = app.close();
    app = undefined;
    await bus.cast(job, QUEUE, { number: 2 });
    casts.release();
    await closed;
    expect(casts.running).toBe(0);
    const next = new Inbox<Job>();
    bus.serve({ queues: [QUEUE], handlers: [onCast(job, next.handle)] });
    expect((await next.received(1)).map(({ number }) => number)).toEqual([2]);
  });
});
