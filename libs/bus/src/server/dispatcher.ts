import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { Span } from '@opentelemetry/api';
import type { Contract } from '@scoria/contracts';
import { describeError } from '@scoria/domain';
import { type Limits, retryDelay } from '../options.js';
import type { BusMetrics } from '../telemetry/metrics.js';
import { type MessagingSystem, failSpan, inProcessSpan } from '../telemetry/spans.js';
import { HEADER, textHeader } from '../wire/headers.js';
import type { Message } from '../wire/message.js';
import { type Reply, answerReply, errorReply, refusalReply } from '../wire/reply.js';
import { type Accepted, PoisonError, accept } from './accept.js';
import type { Handler } from './handlers.js';
import { MessageContext } from './message-context.js';

/** A message as an adapter hands it over. */
export interface Delivery {
  readonly kind: Contract['kind'];
  /** Empty for a broadcast. */
  readonly queue: string;
  readonly message: Message;
  /** 1 for the first time. */
  readonly deliveries: number;
}

/** What the adapter does with the message now, and the reply that a call gets. */
export interface Verdict {
  readonly action: 'ack' | 'requeue' | 'deadLetter';
  readonly reason?: string;
  readonly detail?: string;
  readonly reply?: Reply;
}

export interface DispatcherOptions {
  system: MessagingSystem;
  handlers: ReadonlyMap<string, Handler>;
  limits: Limits;
  metrics: BusMetrics;
  /** Aborted when the service drains: pauses before a retry end early. */
  draining: AbortSignal;
}

const ACK: Verdict = { action: 'ack' };

/** What a process of the next release, at the same queue, may well understand. */
const NEWER: ReadonlySet<string> = new Set(['newer-version', 'unknown-contract']);

/** From a raw message to a verdict: the rules that both adapters share. Never rejects. */
export class Dispatcher {
  private readonly logger = new Logger('Bus');

  constructor(private readonly options: DispatcherOptions) {}

  dispatch(delivery: Delivery): Promise<Verdict> {
    const { system } = this.options;
    const destination = delivery.queue || 'broadcast';
    return inProcessSpan(system, destination, delivery.message, delivery.deliveries, (span) =>
      this.verdict(delivery, span),
    );
  }

  private async verdict(delivery: Delivery, span: Span): Promise<Verdict> {
    let accepted: Accepted;
    try {
      accepted = accept(this.options.handlers, delivery.kind, delivery.message);
    } catch (error) {
      failSpan(span, error);
      return this.refuse(delivery, error);
    }
    const { handler, body, version, deadline } = accepted;
    const contract = handler.contract.name;
    if (deadline !== undefined && deadline.getTime() <= Date.now()) {
      this.options.metrics.countLate(contract);
      this.logger.warn(`${contract} from ${delivery.queue} dropped: its caller stopped waiting`);
      return ACK;
    }
    const context = new MessageContext(
      contract,
      version,
      delivery.message.id,
      delivery.queue,
      delivery.deliveries,
      textHeader(delivery.message.headers, HEADER.requestId),
      deadline,
    );
    try {
      const answer = await handler.handle(body, context);
      const reply = delivery.kind === 'call' ? { reply: answerReply(answer ?? {}) } : {};
      this.options.metrics.countConsumed(contract, 'done');
      return { action: 'ack', ...reply };
    } catch (error) {
      failSpan(span, error);
      this.options.metrics.countConsumed(contract, 'failed');
      return this.failed(delivery, contract, error);
    }
  }

  /**
   * Poison: no number of deliveries would make it good here. During an upgrade it may be good elsewhere, so a cast is
   * handed out again; it is given up when nobody has taken it.
   */
  private async refuse(delivery: Delivery, error: unknown): Promise<Verdict> {
    const reason = error instanceof PoisonError ? error.reason : 'unreadable';
    if (delivery.kind === 'broadcast') return this.ignore(delivery, reason, error);
    const detail = describeError(error);
    if (delivery.kind === 'cast' && NEWER.has(reason) && this.mayComeAgain(delivery)) {
      this.logger.warn(`message ${delivery.message.id} from ${delivery.queue} left to others: ${detail}`);
      return this.again(delivery);
    }
    this.options.metrics.countDeadLettered(delivery.queue, reason);
    this.logger.error(`message ${delivery.message.id} from ${delivery.queue} refused: ${detail}`);
    const reply = delivery.kind === 'call' ? { reply: refusalReply(detail) } : {};
    return { action: 'deadLetter', reason, detail, ...reply };
  }

  /**
   * A broadcast is never kept, and everyone hears all of them: one of a contract that nobody here handles is no
   * news, and one of the next release would otherwise fill the dead letters during an upgrade.
   */
  private ignore(delivery: Delivery, reason: string, error: unknown): Verdict {
    if (reason !== 'unknown-contract') {
      this.logger.warn(`broadcast ${delivery.message.id} ignored: ${describeError(error)}`);
    }
    return ACK;
  }

  private async failed(delivery: Delivery, contract: string, error: unknown): Promise<Verdict> {
    const { limits, metrics } = this.options;
    const line = `${contract} from ${delivery.queue || 'broadcast'} failed: ${describeError(error)}`;
    if (delivery.kind === 'call') {
      this.logger.warn(line);
      return { action: 'ack', reply: errorReply(error) };
    }
    this.logger.error(`${line} (delivery ${delivery.deliveries} of ${limits.deliveryLimit})`);
    if (delivery.kind === 'broadcast') return ACK;
    if (!this.mayComeAgain(delivery)) {
      metrics.countDeadLettered(delivery.queue, 'delivery-limit');
      return { action: 'deadLetter', reason: 'delivery-limit', detail: describeError(error) };
    }
    return this.again(delivery);
  }

  private mayComeAgain({ deliveries }: Delivery): boolean {
    return deliveries < this.options.limits.deliveryLimit;
  }

  /** The message stays in hand during the pause, so that a failing dependency is not hammered. */
  private async again({ deliveries }: Delivery): Promise<Verdict> {
    const { limits, draining } = this.options;
    await sleep(retryDelay(limits, deliveries), undefined, { signal: draining }).catch(() => undefined);
    return { action: 'requeue' };
  }
}
