import type { ChannelModel } from 'amqplib';
import { type Broadcast, BusUnavailableError, type Cast, UnroutableError } from '@scoria/contracts';
import { MAX_IN_FLIGHT, millisecondsUntil } from '../options.js';
import type { Message } from '../wire/message.js';
import type { Reply } from '../wire/reply.js';
import { HEADER, textHeaders } from '../wire/headers.js';
import { answered } from './answered.js';
import { Calls } from './calls.js';
import { ConfirmedChannel, type PublishResult } from './confirmed-channel.js';
import { RabbitLink } from './link.js';
import type { Topology } from './topology.js';

/** Direct reply-to addresses; nothing else is answered, or a message could make us write to any queue. */
const REPLY_ADDRESS = /^amq\.rabbitmq\.reply-to\./;

export interface PublisherSession {
  readonly channel: ConfirmedChannel;
  readonly calls: Calls;
}

/**
 * Everything that is written to the broker. It has a connection of its own: a broker that is short of memory
 * stops reading from connections that publish, and acknowledgements must still get through then.
 */
export class Publisher {
  readonly link: RabbitLink<PublisherSession>;
  private inFlight = 0;

  constructor(
    url: string,
    name: string,
    private readonly topology: Topology,
  ) {
    this.link = new RabbitLink({
      url,
      name,
      open: (connection, lost) => this.open(connection, lost),
      onLost: ({ calls }) =>
        calls.fail(new BusUnavailableError('the connection to the message broker was lost')),
    });
  }

  /** Resolves when the broker is responsible for the message; tried again while the connection breaks. */
  async cast(contract: Cast<object>, queue: string, message: Message, until: number): Promise<void> {
    const properties = { persistent: true, mandatory: true };
    const result = await this.publish(this.topology.exchange, queue, message, properties, until);
    if (result === 'returned') throw new UnroutableError(queue);
    if (result === 'rejected') throw new BusUnavailableError(`queue ${queue} is full (${contract.name})`);
  }

  async broadcast(contract: Broadcast<object>, message: Message, until: number): Promise<void> {
    const result = await this.publish(this.topology.fanout, '', message, { persistent: false }, until);
    if (result === 'rejected') throw new BusUnavailableError(`the broker refused ${contract.name}`);
  }

  /** Writes a copy with the reason; resolves to whether the broker has it, so that the original may go. */
  async deadLetter(
    queue: string,
    message: Message,
    reason: string,
    detail: string,
    until: number,
  ): Promise<boolean> {
    const headers = {
      ...textHeaders(message.headers),
      [HEADER.deadReason]: reason,
      [HEADER.deadDetail]: detail.slice(0, 500),
      [HEADER.deadQueue]: queue,
    };
    const copy = { ...message, headers };
    const result = await this.publish(this.topology.dead, queue, copy, { persistent: true }, until);
    return result === 'confirmed';
  }

  /** What lies in the queue of dead letters, which each session declares when it opens. */
  async countDeadLetters(until: number): Promise<number> {
    const { channel } = await this.link.ready(until);
    const { messageCount } = await withinTime(channel.channel.checkQueue(this.topology.dead), until);
    return messageCount;
  }

  /** Best effort: a caller that is gone, or a broker that is, costs the reply. */
  async reply(address: string, correlationId: string, reply: Reply, until: number): Promise<void> {
    if (!REPLY_ADDRESS.test(address)) return;
    const message = {
      id: correlationId,
      headers: { [HEADER.outcome]: reply.outcome },
      content: reply.content,
    };
    await this.publish('', address, message, { persistent: false, correlationId }, until);
  }

  /** Counts messages in hand, of every kind, so that a slow broker cannot fill the memory. */
  async bounded<T>(work: () => Promise<T>): Promise<T> {
    if (this.inFlight >= MAX_IN_FLIGHT) {
      throw new BusUnavailableError(`${MAX_IN_FLIGHT} messages are waiting for the broker already`);
    }
    this.inFlight++;
    try {
      return await work();
    } finally {
      this.inFlight--;
    }
  }

  private publish(
    exchange: string,
    key: string,
    message: Message,
    properties: { persistent: boolean; mandatory?: boolean; correlationId?: string },
    until: number,
  ): Promise<PublishResult> {
    const options = {
      ...properties,
      messageId: message.id,
      headers: message.headers,
      contentType: 'application/json',
      timestamp: Math.floor(Date.now() / 1000),
    };
    return this.bounded(async () => {
      for (;;) {
        const { channel } = await this.link.ready(until);
        const result = await withinTime(channel.publish(exchange, key, message.content, options), until);
        if (result !== 'lost') return result;
      }
    });
  }

  private async open(connection: ChannelModel, lost: (reason: Error) => void): Promise<PublisherSession> {
    await this.topology.declareExchanges(connection);
    const channel = await answered(connection.createConfirmChannel());
    channel.on('error', lost);
    channel.on('close', () => lost(new Error('the channel was closed')));
    const confirmed = new ConfirmedChannel(channel);
    return { channel: confirmed, calls: await Calls.open(confirmed, this.topology, lost) };
  }
}

/** A broker that neither confirms nor breaks is unavailable, too. */
async function withinTime<T>(answered: Promise<T>, until: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    const fail = (): void => reject(new BusUnavailableError('the message broker did not answer in time'));
    timer = setTimeout(fail, millisecondsUntil(until));
  });
  try {
    return await Promise.race([answered, expired]);
  } finally {
    clearTimeout(timer);
  }
}
