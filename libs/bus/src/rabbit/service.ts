import { Logger } from '@nestjs/common';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { BusUnavailableError, type Contract } from '@scoria/contracts';
import { describeError } from '@scoria/domain';
import { DEFAULT_DRAIN_MS, DEFAULT_SEND_TIMEOUT_MS } from '../options.js';
import { type Delivery, type Dispatcher, type Verdict } from '../server/dispatcher.js';
import type { BusService } from '../server/listener.js';
import { Running } from '../server/running.js';
import { answered } from './answered.js';
import { RabbitLink } from './link.js';
import type { Publisher } from './publisher.js';
import type { Topology } from './topology.js';

/** Milliseconds for what a drain does as a courtesy, at least, when nothing is left of its limit. */
const COURTESY_MS = 1_000;

interface ConsumerSession {
  readonly connection: ChannelModel;
  readonly channel: Channel;
  readonly tags: string[];
}

export interface RabbitServiceOptions {
  url: string;
  name: string;
  queues: readonly string[];
  prefetch: number;
  hearsBroadcasts: boolean;
  topology: Topology;
  publisher: Publisher;
  dispatcher: Dispatcher;
  /** Aborted when the service begins to drain. */
  draining: AbortController;
}

/** Consumes the queues of one service over a connection of its own, and settles each message. */
export class RabbitService implements BusService {
  readonly ready: Promise<void>;
  private readonly logger = new Logger('Bus');
  private readonly link: RabbitLink<ConsumerSession>;
  private readonly running = new Running();
  private drained: Promise<void> | undefined;

  constructor(private readonly options: RabbitServiceOptions) {
    const { url, name } = options;
    this.link = new RabbitLink({ url, name, open: (connection, lost) => this.open(connection, lost) });
    this.ready = this.link.ready(Number.POSITIVE_INFINITY).then(() => undefined);
    // Whoever does not wait for it must not crash for it.
    this.ready.catch(() => undefined);
  }

  get connected(): boolean {
    return this.link.connected;
  }

  get draining(): boolean {
    return this.drained !== undefined;
  }

  drain(limitMs = DEFAULT_DRAIN_MS): Promise<void> {
    this.drained ??= this.letGo(limitMs);
    return this.drained;
  }

  private async letGo(limitMs: number): Promise<void> {
    const until = performance.now() + limitMs;
    const left = (): number => Math.max(0, until - performance.now());
    this.options.draining.abort();
    const session = this.link.current;
    const answers = session !== undefined && (await stoppedConsuming(session, limitMs));
    if (!(await this.running.idle(left()))) {
      this.logger.warn(
        `${this.running.size} messages were unfinished and go to another member of their queue`,
      );
    }
    if (answers && session === this.link.current) {
      await this.removeIdleCallQueues(session, Math.max(COURTESY_MS, left()));
    }
    await this.link.close();
  }

  /** A courtesy to callers; the queues would go by themselves a little later. */
  private async removeIdleCallQueues({ connection }: ConsumerSession, limitMs: number): Promise<void> {
    const { topology, queues } = this.options;
    const removals = queues.map(async (queue) => {
      await answered(topology.removeIdleCallQueue(connection, queue), limitMs).catch((error: unknown) => {
        this.logger.warn(`queue of calls to ${queue} was left: ${describeError(error)}`);
      });
    });
    await Promise.all(removals);
  }

  private async open(connection: ChannelModel, lost: (reason: Error) => void): Promise<ConsumerSession> {
    const { topology, queues, prefetch, draining, hearsBroadcasts } = this.options;
    await topology.declareExchanges(connection);
    const channel = await answered(connection.createChannel());
    channel.on('error', lost);
    channel.on('close', () => lost(new Error('the channel was closed')));
    const session: ConsumerSession = { connection, channel, tags: [] };
    if (draining.signal.aborted) return session;
    // Counted for each consumer by itself, so that one queue's slow handlers do not hold up another's.
    await answered(channel.prefetch(prefetch));
    const consume = async (kind: Contract['kind'], queue: string, source: string): Promise<void> => {
      if (draining.signal.aborted) return;
      const receive = (message: ConsumeMessage | null): void => {
        if (message === null) lost(new Error(`the broker cancelled the consumer of ${source}`));
        else this.running.add(this.handle(channel, kind, queue, message));
      };
      session.tags.push((await answered(channel.consume(source, receive))).consumerTag);
    };
    for (const queue of queues) {
      await topology.withQueue(connection, topology.castQueue(queue), async () => {
        await topology.declareQueues(connection, queue);
        await consume('cast', queue, topology.castQueue(queue));
      });
      await consume('call', queue, topology.callQueue(queue));
    }
    if (hearsBroadcasts) await consume('broadcast', '', await topology.declareBroadcastQueue(channel));
    // A drain that began meanwhile knew nothing of this session.
    if (draining.signal.aborted) await stoppedConsuming(session);
    return session;
  }

  private async handle(
    channel: Channel,
    kind: Contract['kind'],
    queue: string,
    message: ConsumeMessage,
  ): Promise<void> {
    try {
      const delivery = deliveryOf(kind, queue, message);
      await this.settle(channel, message, delivery, await this.options.dispatcher.dispatch(delivery));
    } catch (error) {
      // Only a broken channel is left: the broker hands the message out again by itself.
      this.logger.warn(
        `message ${String(message.properties.messageId)} was not settled: ${describeError(error)}`,
      );
    }
  }

  private async settle(
    channel: Channel,
    message: ConsumeMessage,
    delivery: Delivery,
    verdict: Verdict,
  ): Promise<void> {
    const { replyTo, correlationId } = message.properties as { replyTo: unknown; correlationId: unknown };
    if (verdict.reply !== undefined && typeof replyTo === 'string' && typeof correlationId === 'string') {
      const until = Date.now() + DEFAULT_SEND_TIMEOUT_MS;
      await this.options.publisher.reply(replyTo, correlationId, verdict.reply, until).catch(unavailable);
    }
    if (verdict.action === 'ack') channel.ack(message);
    else if (verdict.action === 'requeue') channel.nack(message, false, true);
    else if (await this.deadLetter(delivery, verdict)) channel.ack(message);
    // Counted by the broker's delivery limit, which ends it.
    else channel.nack(message, false, true);
  }

  private async deadLetter(delivery: Delivery, verdict: Verdict): Promise<boolean> {
    const { reason = 'unknown', detail = '' } = verdict;
    const until = Date.now() + DEFAULT_SEND_TIMEOUT_MS;
    const { queue, message } = delivery;
    const written = this.options.publisher.deadLetter(queue, message, reason, detail, until);
    return written.catch((error: unknown) => {
      unavailable(error);
      return false;
    });
  }
}

function deliveryOf(kind: Contract['kind'], queue: string, message: ConsumeMessage): Delivery {
  const { headers } = message.properties;
  const messageId: unknown = message.properties.messageId;
  const returns: unknown = headers?.['x-delivery-count'];
  return {
    kind,
    queue,
    message: { id: String(messageId ?? ''), headers: headers ?? {}, content: message.content },
    // Quorum queues count; classic ones only tell that it is not the first time.
    deliveries: 1 + (typeof returns === 'number' ? returns : Number(message.fields.redelivered)),
  };
}

/** Whether the broker has said, within `limitMs` milliseconds, that no more messages come. */
async function stoppedConsuming({ channel, tags }: ConsumerSession, limitMs?: number): Promise<boolean> {
  const cancelled = Promise.all(tags.map((tag) => answered(channel.cancel(tag))));
  return answered(cancelled, limitMs).then(
    () => true,
    () => false,
  );
}

function unavailable(error: unknown): void {
  if (!(error instanceof BusUnavailableError)) throw error;
}
