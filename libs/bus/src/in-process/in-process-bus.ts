import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as turn } from 'node:timers/promises';
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
import {
  type BusOptions,
  type Limits,
  MAX_DEAD_LETTERS,
  MAX_IN_FLIGHT,
  MAX_WAITING_BROADCASTS,
  atMoment,
  limitsOf,
} from '../options.js';
import { type Delivery, Dispatcher, type Verdict } from '../server/dispatcher.js';
import { tableOf } from '../server/handlers.js';
import { type BusListener, type BusService, type ServeOptions, checkQueues } from '../server/listener.js';
import { timedCall } from '../telemetry/call-timer.js';
import { BusMetrics } from '../telemetry/metrics.js';
import { describeMessage, inSendSpan } from '../telemetry/spans.js';
import { type Message, encodeMessage } from '../wire/message.js';
import { type Reply, readReply } from '../wire/reply.js';
import { InProcessService } from './in-process-service.js';
import { WorkQueue } from './work-queue.js';

/** A message that was given up, and why. */
export interface DeadLetter {
  readonly queue: string;
  readonly reason: string;
  readonly message: Message;
}

interface PendingCall {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

/**
 * The bus of the single-process run: the same rules as over RabbitMQ, bodies as JSON included, without its
 * durability. What waits here is lost with the process, which costs a sweep and no state.
 */
export class InProcessBus implements Bus, BusListener {
  private readonly limits: Limits;
  private readonly metrics = new BusMetrics();
  private readonly casts = new Map<string, WorkQueue>();
  private readonly callQueues = new Map<string, WorkQueue>();
  private readonly listeners = new Map<InProcessService, WorkQueue>();
  private readonly services = new Set<InProcessService>();
  private readonly pending = new Map<string, PendingCall>();
  private readonly dead: DeadLetter[] = [];
  private readonly detached = AsyncLocalStorage.snapshot();
  private closed = false;

  constructor(options: BusOptions = {}) {
    this.limits = limitsOf(options);
  }

  get connected(): boolean {
    return !this.closed;
  }

  /** The newest at the end. */
  get deadLetters(): readonly DeadLetter[] {
    return this.dead;
  }

  countDeadLetters(): Promise<number> {
    return Promise.resolve(this.dead.length);
  }

  cast<B extends object>(
    contract: Cast<B>,
    queue: string,
    body: B,
    options: CastOptions = {},
  ): Promise<void> {
    return inSendSpan('in_process', contract, queue, async (span) => {
      const message = encodeMessage(contract, body, { requestId: options.requestId });
      describeMessage(span, message);
      this.refuseWhenClosed();
      const target = this.casts.get(queue);
      if (target === undefined) {
        this.metrics.countReturned(contract.name);
        throw new UnroutableError(queue);
      }
      this.push(target, { kind: 'cast', queue, message, deliveries: 1 });
      // Lets the queue hand out, or a sender that only ever awaits casts would fill it.
      await turn();
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
    return inSendSpan('in_process', contract, queue, (span) =>
      timedCall(this.metrics, contract.name, async () => {
        if (deadline.getTime() <= Date.now()) throw new DeadlineError(`the deadline for ${queue} has passed`);
        const message = encodeMessage(contract, body, { requestId, deadline });
        describeMessage(span, message);
        this.refuseWhenClosed();
        const target = this.callQueues.get(queue);
        if (target === undefined || !target.served) throw new UnroutableError(queue);
        this.metrics.countSent(contract.name);
        return readReply(contract, await this.ask(target, queue, message, deadline));
      }),
    );
  }

  broadcast<B extends object>(contract: Broadcast<B>, body: B): Promise<void> {
    return inSendSpan('in_process', contract, 'broadcast', async (span) => {
      const message = encodeMessage(contract, body, {});
      describeMessage(span, message);
      this.refuseWhenClosed();
      for (const listener of this.listeners.values()) {
        listener.pushOverOldest({ kind: 'broadcast', queue: '', message, deliveries: 1 });
      }
      await turn();
      this.metrics.countSent(contract.name);
    });
  }

  serve(options: ServeOptions): BusService {
    const handlers = tableOf(options.handlers);
    checkQueues(options.queues);
    this.refuseWhenClosed();
    const { limits, metrics } = this;
    const draining = new AbortController();
    const heard = options.handlers.some(({ contract }) => contract.kind === 'broadcast');
    const broadcasts = heard ? [this.newQueue(MAX_WAITING_BROADCASTS)] : [];
    const service = new InProcessService({
      sources: [...options.queues.flatMap((queue) => this.queuesOf(queue)), ...broadcasts],
      prefetch: options.prefetch ?? limits.prefetch,
      dispatcher: new Dispatcher({
        system: 'in_process',
        handlers,
        limits,
        metrics,
        draining: draining.signal,
      }),
      draining,
      settle: (delivery, verdict) => this.settle(delivery, verdict),
    });
    this.services.add(service);
    for (const queue of broadcasts) this.listeners.set(service, queue);
    draining.signal.addEventListener('abort', () => this.listeners.delete(service));
    return service;
  }

  async close(): Promise<void> {
    await Promise.all([...this.services].map((service) => service.drain()));
    this.closed = true;
    for (const queue of [...this.casts.values(), ...this.callQueues.values()]) queue.clear();
    for (const { reject } of this.pending.values()) reject(new BusUnavailableError('the bus is closed'));
  }

  private async ask(target: WorkQueue, queue: string, message: Message, deadline: Date): Promise<Reply> {
    if (this.pending.size >= MAX_IN_FLIGHT) {
      throw new BusUnavailableError(`${MAX_IN_FLIGHT} calls are waiting for an answer already`);
    }
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    const late = (): void => reject(new DeadlineError(`no answer from ${queue} in time`));
    const callOff = atMoment(deadline.getTime(), late);
    this.pending.set(message.id, { resolve, reject });
    try {
      this.push(target, { kind: 'call', queue, message, deliveries: 1 });
      return await promise;
    } finally {
      callOff();
      this.pending.delete(message.id);
    }
  }

  private push(target: WorkQueue, delivery: Delivery): void {
    if (!target.push(delivery)) throw new BusUnavailableError(`queue ${delivery.queue} is full`);
  }

  private settle(delivery: Delivery, verdict: Verdict): void {
    const { queue, message } = delivery;
    if (verdict.reply !== undefined) this.pending.get(message.id)?.resolve(verdict.reply);
    if (verdict.action !== 'deadLetter') return;
    this.dead.push({ queue, reason: verdict.reason ?? 'unknown', message });
    if (this.dead.length > MAX_DEAD_LETTERS) this.dead.shift();
  }

  private queuesOf(queue: string): WorkQueue[] {
    return [this.casts, this.callQueues].map((queues) => {
      const existing = queues.get(queue) ?? this.newQueue(this.limits.maxQueueLength);
      queues.set(queue, existing);
      return existing;
    });
  }

  private newQueue(limit: number): WorkQueue {
    return new WorkQueue(limit, this.detached);
  }

  private refuseWhenClosed(): void {
    if (this.closed) throw new BusUnavailableError('the bus is closed');
  }
}
