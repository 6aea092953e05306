import { Logger } from '@nestjs/common';
import { PrivateRabbit } from '@scoria/local-services';
import { removeTempDirs, tempDir } from '@scoria/testing';
import { connect } from 'amqplib';
import { onCast } from '../server/handlers.js';
import { BROKER_START_MS } from '../test-support/harness.js';
import { Inbox } from '../test-support/inbox.js';
import { type Job, job } from '../test-support/test-contracts.js';
import { RabbitBus } from './rabbit-bus.js';

/** The last one that is declared is the one that is found dead. */
const QUEUES = ['a', 'b', 'c', 'd', 'e', 'f'];
const LIMIT_MS = 3 * BROKER_START_MS;

afterAll(removeTempDirs);

test(
  'queues that were declared just before the broker was killed are served again, without anybody removing them',
  async () => {
    Logger.overrideLogger(false);
    const dataDir = tempDir('dead-queue');
    const first = await PrivateRabbit.start({ dataDir });
    await declareAll(first.url);
    await first.kill();
    const rabbit = await PrivateRabbit.start({ dataDir, port: first.port });
    const bus = new RabbitBus({ url: rabbit.url });
    try {
      const served = new Inbox<Job>();
      await bus.serve({ queues: QUEUES, handlers: [onCast(job, served.handle)] }).ready;
      for (const [number, queue] of QUEUES.entries()) await bus.cast(job, queue, { number });
      await served.received(QUEUES.length);
    } finally {
      await bus.close();
      await rabbit.stop();
    }
  },
  LIMIT_MS,
);

/** As a service does, and all at once: the broker is killed before it has written all of it down. */
async function declareAll(url: string): Promise<void> {
  const connection = await connect(url);
  connection.on('error', () => undefined);
  await Promise.all(
    QUEUES.map(async (queue) => {
      const channel = await connection.createChannel();
      channel.on('error', () => undefined);
      await channel.assertQueue(queue, {
        durable: true,
        deadLetterExchange: 'scoria.dead',
        maxLength: 100_000,
        overflow: 'reject-publish',
        arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': 20 },
      });
    }),
  );
}
