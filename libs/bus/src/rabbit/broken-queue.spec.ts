import { Logger } from '@nestjs/common';
import { PrivateRabbit } from '@scoria/local-services';
import { removeTempDirs, tempDir } from '@scoria/testing';
import { onCast } from '../server/handlers.js';
import { BROKER_START_MS, OTHER_QUEUE, QUEUE } from '../test-support/harness.js';
import { Inbox } from '../test-support/inbox.js';
import { type Job, job } from '../test-support/test-contracts.js';
import { RabbitBus } from './rabbit-bus.js';

describe('a quorum queue whose record is there and whose process is not', () => {
  let rabbit: PrivateRabbit;
  beforeAll(async () => {
    Logger.overrideLogger(false);
    rabbit = await PrivateRabbit.start({ dataDir: tempDir('bus-silent') });
  }, BROKER_START_MS);
  afterAll(async () => {
    await rabbit.stop();
    removeTempDirs();
  }, BROKER_START_MS);

  it.each([
    ['ended', QUEUE],
    ['silent', QUEUE],
    ['ended', 'scoria.dead'],
  ] as const)(
    '(%s, %s) is made anew, and no service stays away for it',
    async (how, dead) => {
      await using bus = closing(new RabbitBus({ url: rabbit.url }));
      await bus.serve({ queues: [QUEUE, OTHER_QUEUE], handlers: [] }).ready;
      await bus.close();
      await rabbit.breakQuorumQueue(dead, how);

      await using next = closing(new RabbitBus({ url: rabbit.url }));
      const served = new Inbox<Job>();
      await next.serve({ queues: [QUEUE, OTHER_QUEUE], handlers: [onCast(job, served.handle)] }).ready;
      await next.cast(job, QUEUE, { number: 1 });
      expect((await served.received(1)).map(({ number }) => number)).toEqual([1]);
    },
    BROKER_START_MS,
  );
});

const closing = (bus: RabbitBus): RabbitBus & AsyncDisposable =>
  Object.assign(bus, { [Symbol.asyncDispose]: () => bus.close() });
