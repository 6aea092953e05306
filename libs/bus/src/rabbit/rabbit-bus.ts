import {
  type Broadcast,
  type Bus,
  BusUnavailableError,
  type Call,
  type CallOptions,
  type Cast,
  type CastOptions,
  DeadlineError,
  UnroutableError,
} from '@scoria/contracts';
import { DEFAULT_SEND_TIMEOUT_MS, type Limits, type RabbitBusOptions, limitsOf } from '../options.js';
import { Dispatcher } from '../server/dispatcher.js';
import { tableOf } from '../server/handlers.js';
import { type BusListener, type BusService, type ServeOptions, checkQueues } from '../server/listener.js';
import { timedCall } from '../telemetry/call-timer.js';
import { BusMetrics } from '../telemetry/metrics.js';
import { describeMessage, inSendSpan } from '../telemetry/spans.js';
import { encodeMessage } from '../wire/message.js';
import { readReply } from '../wire/reply.js';
import { Publisher } from './publisher.js';
import { RabbitService } from './service.js';
import { Topology } from './topology.js';

/** The bus over RabbitMQ. Connects by itself and stays connected until closed. */
export class RabbitBus implements Bus, BusListener {
  private readonly limits: Limits;
  private readonly name: string;
  private readonly topology: Topology;
  private readonly publisher: Publisher;
  private readonly metrics = new BusMetrics();
  private readonly services = new Set<RabbitService>();
  private closed = false;

  /** Throws for a URL that no broker can have; a broker that is away is waited for. */
  constructor(private readonly options: RabbitBusOptions) {
    checkUrl(options.url);
    this.limits = limitsOf(options);
    this.name = options.name ?? 'scoria';
    this.topology = new Topology(options.prefix ?? '', this.limits);
    this.publisher = new Publisher(options.url, `${this.name} out`, this.topology);
  }

  get connected(): boolean {
    const serving = [...this.services].every((service) => service.connected || service.draining);
    return serving && this.publisher.link.connected;
  }

  cast<B extends object>(
    contract: Cast<B>,
    queue: string,
    body: B,
    options: CastOptions = {},
  ): Promise<void> {
    return inSendSpan('rabbitmq', contract, queue, async (span) => {
      const message = encodeMessage(contract, body, { requestId: options.requestId });
      describeMessage(span, message);
      try {
        await this.publisher.cast(contract, queue, message, until(options.timeoutMs));
      } catch (error) {
        if (error instanceof UnroutableError) this.metrics.countReturned(contract.name);
        throw error;
      }
      this.metrics.countSent(contract.name);
    });
  }

  call<B extends object, R extends object>(
    contract: Call<B, R>,
    queue: string,
    body: B,
    options: CallOptions,
  ): Promise<R> {
    const { deadline, requestId } = options;
    return inSendSpan('rabbitmq', contract, queue, (span) =>
      timedCall(this.metrics, contract.name, async () => {
        if (deadline.getTime() <= Date.now()) throw new DeadlineError(`the deadline for ${queue} has passed`);
        const message = encodeMessage(contract, body, { requestId, deadline });
        describeMessage(span, message);
        const reply = await this.publisher.bounded(async () => {
          const { calls } = await this.publisher.link.ready(deadline.getTime());
          this.metrics.countSent(contract.name);
          return calls.ask(queue, message, deadline);
        });
        return readReply(contract, reply);
      }),
    );
  }

  broadcast<B extends object>(contract: Broadcast<B>, body: B): Promise<void> {
    return inSendSpan('rabbitmq', contract, 'broadcast', async (span) => {
      const message = encodeMessage(contract, body, {});
      describeMessage(span, message);
      await this.publisher.broadcast(contract, message, until());
      this.metrics.countSent(contract.name);
    });
  }

  countDeadLetters(): Promise<number> {
    return this.publisher.countDeadLetters(until());
  }

  serve(options: ServeOptions): BusService {
    const handlers = tableOf(options.handlers);
    checkQueues(options.queues);
    if (this.closed) throw new BusUnavailableError('the bus is closed');
    const draining = new AbortController();
    const { limits, metrics, topology, publisher } = this;
    const service = new RabbitService({
      url: this.options.url,
      name: `${this.name} in`,
      queues: options.queues,
      prefetch: options.prefetch ?? limits.prefetch,
      hearsBroadcasts: options.handlers.some(({ contract }) => contract.kind === 'broadcast'),
      topology,
      publisher,
      dispatcher: new Dispatcher({
        system: 'rabbitmq',
        handlers,
        limits,
        metrics,
        draining: draining.signal,
      }),
      draining,
    });
    this.services.add(service);
    return service;
  }

  /** Drains what is still served, then fails what still waits. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.services].map((service) => service.drain()));
    await this.publisher.link.close();
  }
}

/** Says nothing of the URL itself: it holds a password. */
function checkUrl(url: string): void {
  const protocol = URL.canParse(url) ? new URL(url).protocol : undefined;
  if (protocol !== 'amqp:' && protocol !== 'amqps:')
    throw new Error('the bus needs an amqp:// or amqps:// URL');
}

function until(timeoutMs = DEFAULT_SEND_TIMEOUT_MS): number {
  return Date.now() + timeoutMs;
}
