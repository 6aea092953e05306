import type { ConsumeMessage } from 'amqplib';
import { BusUnavailableError, DeadlineError, UnroutableError } from '@scoria/contracts';
import { atMoment, millisecondsUntil } from '../options.js';
import { HEADER } from '../wire/headers.js';
import type { Message } from '../wire/message.js';
import { type Reply, isReplyOutcome } from '../wire/reply.js';
import { answered } from './answered.js';
import type { ConfirmedChannel } from './confirmed-channel.js';
import type { Topology } from './topology.js';

/** RabbitMQ's direct reply-to: replies come back on the channel that asked, without a queue. */
const REPLY_TO = 'amq.rabbitmq.reply-to';

interface Pending {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

/** The calls that wait for an answer on one channel. They live and die with it. */
export class Calls {
  private readonly pending = new Map<string, Pending>();
  private failure: Error | undefined;

  private constructor(
    private readonly channel: ConfirmedChannel,
    private readonly topology: Topology,
  ) {}

  static async open(
    channel: ConfirmedChannel,
    topology: Topology,
    lost: (reason: Error) => void,
  ): Promise<Calls> {
    const calls = new Calls(channel, topology);
    const consume = (message: ConsumeMessage | null): void => {
      if (message === null) lost(new Error('the reply consumer was cancelled'));
      else calls.settle(message);
    };
    await answered(channel.channel.consume(REPLY_TO, consume, { noAck: true }));
    return calls;
  }

  /** Asks, and waits for the reply until `deadline`. Never asks twice: the first may have been heard. */
  async ask(queue: string, message: Message, deadline: Date): Promise<Reply> {
    if (this.failure !== undefined) throw this.failure;
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    const left = millisecondsUntil(deadline.getTime());
    // Not before the deadline, at which whoever serves begins to drop the call.
    const late = (): void => reject(new DeadlineError(`no answer from ${queue} in time`));
    const callOff = atMoment(deadline.getTime(), late);
    // Before publishing: an answer may beat the confirmation.
    this.pending.set(message.id, { resolve, reject });
    this.publish(queue, message, left).then((refusal) => refusal && reject(refusal), reject);
    try {
      return await promise;
    } finally {
      callOff();
      this.pending.delete(message.id);
    }
  }

  /** The channel is gone, and every answer with it. */
  fail(error: Error): void {
    this.failure = error;
    for (const { reject } of this.pending.values()) reject(error);
  }

  private async publish(queue: string, message: Message, left: number): Promise<Error | undefined> {
    const result = await this.channel.publish(
      this.topology.exchange,
      this.topology.callKey(queue),
      message.content,
      {
        messageId: message.id,
        correlationId: message.id,
        headers: message.headers,
        contentType: 'application/json',
        replyTo: REPLY_TO,
        mandatory: true,
        persistent: false,
        expiration: Math.ceil(left),
        timestamp: Math.floor(Date.now() / 1000),
      },
    );
    if (result === 'returned') return new UnroutableError(queue);
    if (result === 'rejected') return new BusUnavailableError(`queue ${queue} is full`);
    if (result === 'lost') return new BusUnavailableError('the connection to the message broker was lost');
    return undefined;
  }

  private settle(message: ConsumeMessage): void {
    const outcome: unknown = message.properties.headers?.[HEADER.outcome];
    const pending = this.pending.get(String(message.properties.correlationId));
    if (pending === undefined) return;
    if (isReplyOutcome(outcome)) pending.resolve({ outcome, content: message.content });
    else pending.reject(new Error('a reply that says nothing of its outcome'));
  }
}
