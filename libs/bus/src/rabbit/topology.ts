import { Logger } from '@nestjs/common';
import type { Channel, ChannelModel, Options } from 'amqplib';
import { type Limits, MAX_DEAD_LETTERS, MAX_WAITING_BROADCASTS } from '../options.js';
import { answered } from './answered.js';
import { DeadQueues } from './dead-queues.js';

/** AMQP's reply code when something exists with other arguments. */
const PRECONDITION_FAILED = 406;

/** A queue of calls outlives its last server by this long, so that a reconnecting server finds its callers. */
const CALL_QUEUE_IDLE_MS = 30_000;

/** Names and arguments of everything that the bus keeps in the broker. */
export class Topology {
  readonly exchange: string;
  readonly fanout: string;
  readonly dead: string;
  private readonly deadQueues = new DeadQueues();

  constructor(
    private readonly prefix: string,
    private readonly limits: Limits,
  ) {
    this.exchange = `${prefix}scoria`;
    this.fanout = `${prefix}scoria.fanout`;
    this.dead = `${prefix}scoria.dead`;
  }

  castQueue(queue: string): string {
    return `${this.prefix}${queue}`;
  }

  /** Calls have a queue of their own, so that they never wait behind casts. */
  callQueue(queue: string): string {
    return `${this.prefix}${queue}.calls`;
  }

  callKey(queue: string): string {
    return `${queue}.calls`;
  }

  /** What a sender needs: the exchanges, and a place for dead letters. */
  async declareExchanges(connection: ChannelModel): Promise<void> {
    using scratch = await scratchChannel(connection);
    await answered(scratch.channel.assertExchange(this.exchange, 'topic', { durable: true }));
    await answered(scratch.channel.assertExchange(this.fanout, 'fanout', { durable: true }));
    await answered(scratch.channel.assertExchange(this.dead, 'fanout', { durable: true }));
    await this.withQueue(connection, this.dead, async () => {
      await declareQueue(connection, this.dead, {
        durable: true,
        arguments: { 'x-queue-type': 'quorum', 'x-max-length': MAX_DEAD_LETTERS },
      });
      await answered(scratch.channel.bindQueue(this.dead, this.dead, ''));
    });
  }

  /** Declares or uses a durable queue; one that is dead is made anew (`DeadQueues`). */
  withQueue<T>(connection: ChannelModel, name: string, use: () => Promise<T>): Promise<T> {
    return this.deadQueues.ask(connection, name, () => removeQueue(connection, name), use);
  }

  /** The durable queue of casts and the passing queue of calls that stand behind one name. */
  async declareQueues(connection: ChannelModel, queue: string): Promise<void> {
    await declareQueue(connection, this.castQueue(queue), {
      durable: true,
      deadLetterExchange: this.dead,
      maxLength: this.limits.maxQueueLength,
      overflow: 'reject-publish',
      arguments: {
        'x-queue-type': 'quorum',
        // The broker counts returns, not deliveries. It is one behind the dispatcher on purpose: the
        // dispatcher's dead letters say why; the broker's catch handlers that kill their process.
        'x-delivery-limit': this.limits.deliveryLimit,
      },
    });
    // Durable though its messages are not: RabbitMQ 4 deprecates shared queues that are not.
    await declareQueue(connection, this.callQueue(queue), {
      durable: true,
      expires: CALL_QUEUE_IDLE_MS,
      maxLength: this.limits.maxQueueLength,
      overflow: 'reject-publish',
    });
    using scratch = await scratchChannel(connection);
    await answered(scratch.channel.bindQueue(this.castQueue(queue), this.exchange, queue));
    await answered(scratch.channel.bindQueue(this.callQueue(queue), this.exchange, this.callKey(queue)));
  }

  /** This process's own queue of broadcasts; gone with its connection. Returns its name. */
  async declareBroadcastQueue(channel: Channel): Promise<string> {
    const options = { exclusive: true, autoDelete: true, maxLength: MAX_WAITING_BROADCASTS };
    const { queue } = await answered(channel.assertQueue('', options));
    await answered(channel.bindQueue(queue, this.fanout, ''));
    return queue;
  }

  /** Lets callers learn at once that nobody is left, unless another member still serves the queue. */
  async removeIdleCallQueue(connection: ChannelModel, queue: string): Promise<void> {
    using scratch = await scratchChannel(connection);
    await answered(scratch.channel.deleteQueue(this.callQueue(queue), { ifUnused: true })).catch(
      ignorePrecondition,
    );
  }
}

/**
 * A queue that exists with other arguments is used as it is: a changed limit in the configuration must not keep
 * a service from starting. The operator is told what to do.
 */
async function declareQueue(
  connection: ChannelModel,
  name: string,
  options: Options.AssertQueue,
): Promise<void> {
  using scratch = await scratchChannel(connection);
  try {
    await answered(scratch.channel.assertQueue(name, options));
  } catch (error) {
    ignorePrecondition(error);
    new Logger('Bus').warn(
      `queue ${name} exists with other limits than configured and keeps them; delete it while it is empty to renew it`,
    );
  }
}

/** Takes longer than other answers; `DeadQueues` has a limit for it. */
async function removeQueue(connection: ChannelModel, name: string): Promise<void> {
  using scratch = await scratchChannel(connection);
  await scratch.channel.deleteQueue(name);
}

function ignorePrecondition(error: unknown): void {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== PRECONDITION_FAILED) throw error;
}

/**
 * A refused declaration closes its channel, so each gets one that nothing else depends on. Nobody waits for its end: a dead
 * queue holds up the channel that asked for it.
 */
async function scratchChannel(connection: ChannelModel): Promise<{ channel: Channel } & Disposable> {
  const channel = await answered(connection.createChannel());
  channel.on('error', () => undefined);
  return {
    channel,
    [Symbol.dispose]: () => void channel.close().catch(() => undefined),
  };
}
