import { connect } from 'amqplib';
import { testRabbit } from './test-rabbit.js';

// The first test that wants a broker waits for it to start.
const BROKER_START_MS = 180_000;

describe('a corner of RabbitMQ for a test', () => {
  it(
    'does not let two tests that use the same queue name see each other',
    async () => {
      const [first, second] = await Promise.all([testRabbit(), testRabbit()]);
      expect(await declare(first.url, `${first.prefix}work`)).toBe(0);
      expect(await declare(first.url, `${first.prefix}work`)).toBe(1);
      expect(await declare(second.url, `${second.prefix}work`)).toBe(0);
      if (first.vhost !== second.vhost) expect(await declare(second.url, `${first.prefix}work`)).toBe(0);
      await Promise.all([first.release(), second.release()]);
    },
    BROKER_START_MS,
  );

  it('is gone after its release', async () => {
    const corner = await testRabbit();
    await corner.release();
    const queue = `${corner.prefix}late`;
    if (corner.vhost.startsWith('test-'))
      await expect(declare(corner.url, queue)).rejects.toThrow('ConnectionClose');
    else expect(await declare(corner.url, queue)).toBe(0);
  });
});

/** Declares a queue, sends it one message, and returns how many it held before. */
async function declare(url: string, queue: string): Promise<number> {
  const connection = await connect(url);
  connection.on('error', () => undefined);
  try {
    const channel = await connection.createConfirmChannel();
    const { messageCount } = await channel.assertQueue(queue, { durable: false, expires: 60_000 });
    channel.sendToQueue(queue, Buffer.from('x'));
    await channel.waitForConfirms();
    return messageCount;
  } finally {
    await connection.close();
  }
}
