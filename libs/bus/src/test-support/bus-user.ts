// A process that uses the bus in every way until its standard input ends. Nothing catches what it does not catch
// itself: an unhandled rejection or error event ends it, and the test that started it sees that.
import { Logger } from '@nestjs/common';
import { RabbitBus } from '../rabbit/rabbit-bus.js';
import { onBroadcast, onCall, onCast } from '../server/handlers.js';
import { job, news, question } from './test-contracts.js';

const QUEUE = 'bus-user';
/** Longer than a broker takes on a busy machine. */
const PATIENCE_MS = 5_000;

Logger.overrideLogger(false);
const bus = new RabbitBus({ url: process.argv[2]!, prefix: 'bus-user.' });
const nothing = async (): Promise<void> => undefined;
bus.serve({
  queues: [QUEUE],
  handlers: [
    onCast(job, nothing),
    onBroadcast(news, nothing),
    onCall(question, async ({ number }) => ({ doubled: 2 * number })),
  ],
});
let stopped = false;
process.stdin.on('end', () => (stopped = true)).resume();

for (let number = 0; !stopped; number++) {
  const ends = await Promise.allSettled([
    bus.cast(job, QUEUE, { number }, { timeoutMs: PATIENCE_MS }),
    bus.broadcast(news, { number }),
    bus.call(question, QUEUE, { number }, { deadline: new Date(Date.now() + PATIENCE_MS) }),
  ]);
  console.log(ends.every(({ status }) => status === 'fulfilled') ? 'good' : 'bad');
}
await bus.close();
