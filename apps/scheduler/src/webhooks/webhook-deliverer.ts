import { randomUUID } from 'node:crypto';
import { AddressGuard, describeError, webhookKey, webhookUrlFlaw } from '@scoria/domain';
import type { WebhooksConfig } from '@scoria/config';
import {
  EVENTS_CHANNEL,
  claimWebhooks,
  completeDelivery,
  failDelivery,
  leaveUnread,
  releaseWebhooks,
  skipRemoved,
  type ClaimedWebhook,
  type Database,
  type NotificationListener,
  type SecretBox,
} from '@scoria/store';
import { count, record } from '@scoria/telemetry';
import type { ServiceLogger } from '@scoria/worker';
import type { Agent } from 'undici';
import { backOffSeconds } from './back-off.js';
import { bodyOf, deliveryId, nextBatch, type Batch } from './batch.js';
import { guardedAgent } from './guarded-agent.js';
import { sendWebhook, type WebhookOutcome } from './send-webhook.js';
import { signed } from './signature.js';

/** Milliseconds between two looks for work that no notification told of. */
const POLL_MS = 1000;
/** Between two looks, however often somebody rings. */
const LEAST_PAUSE_MS = 100;
/** A delivery that takes longer makes its receiver wait among the slow ones. */
const SLOW_MS = 2000;
/**
 * Seconds that a lease lasts beyond the time of a delivery. Who has not begun to send by then does not: the lease could be
 * over, and another be sending, before the delivery ends.
 */
const LEASE_MARGIN = 15;
/** Seconds before a batch that could not be read is read again, less up to a half at random. */
const UNREAD_SECONDS = 20;

export interface WebhookDelivererOptions {
  config: WebhooksConfig;
  database: Database;
  /** Without one, new events are found by looking. */
  listener: NotificationListener | undefined;
  secrets: SecretBox;
  logger: ServiceLogger;
  /** For tests. Default: the system's. */
  nameServers?: readonly string[];
}

/**
 * Delivers events to webhooks. Any number of processes do: each webhook is held by one of them at a time, by a lease on its
 * row. What a killed process held is taken over when its lease is over, and its last delivery may come twice.
 */
export class WebhookDeliverer {
  private readonly worker = randomUUID();
  private readonly agent: Agent;
  private readonly guard: AddressGuard;
  private readonly stopping = new AbortController();
  private readonly lanes = { well: 0, troubled: 0 };
  private readonly running = new Set<Promise<void>>();
  private loop: Promise<void> | undefined;
  private unlisten: (() => void) | undefined;
  private rung = false;
  private stopped = false;
  private wake: () => void = () => {};

  constructor(private readonly options: WebhookDelivererOptions) {
    const { config, nameServers } = options;
    this.guard = new AddressGuard(config.allowedNetworks);
    this.agent = guardedAgent({
      guard: this.guard,
      timeoutMs: config.timeoutSeconds * 1000,
      ...(nameServers ? { nameServers } : {}),
    });
  }

  start(): void {
    this.unlisten = this.options.listener?.on(EVENTS_CHANNEL, () => this.ring());
    this.loop ??= this.run();
  }

  /** Lets deliveries end for `graceMs` milliseconds, then cuts them off; others go on with them at once. */
  async stop(graceMs: number): Promise<void> {
    this.stopped = true;
    this.unlisten?.();
    this.ring();
    await this.loop;
    const cut = setTimeout(() => this.stopping.abort(), graceMs);
    await Promise.allSettled(this.running);
    clearTimeout(cut);
    await releaseWebhooks(this.options.database, this.worker).catch(() => {});
    await this.agent.destroy();
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      this.rung = false;
      await this.take().catch((error: unknown) => this.trouble('webhooks were not looked for', error));
      await this.pause(LEAST_PAUSE_MS, false);
      if (!this.rung) await this.pause(POLL_MS, true);
    }
  }

  private async take(): Promise<void> {
    const { database, config } = this.options;
    const troubled = Math.floor(config.maxConcurrent / 2);
    // Before the lease begins; by a clock that does not jump.
    const claimedAt = performance.now();
    const claimed = await claimWebhooks(database, {
      worker: this.worker,
      leaseSeconds: config.timeoutSeconds + LEASE_MARGIN,
      wellLimit: config.maxConcurrent - troubled - this.lanes.well,
      troubledLimit: troubled - this.lanes.troubled,
    });
    for (const webhook of claimed) {
      const lane = webhook.troubled ? 'troubled' : 'well';
      this.lanes[lane]++;
      const delivery = this.deliver(webhook, claimedAt)
        .catch((error: unknown) => this.trouble('a webhook was left as it is', error))
        .finally(() => {
          this.lanes[lane]--;
          this.running.delete(delivery);
          this.ring();
        });
      this.running.add(delivery);
    }
  }

  /** One batch; more of them wait for their turn again. */
  private async deliver(webhook: ClaimedWebhook, claimedAt: number): Promise<void> {
    const { database } = this.options;
    const batch = await this.read(webhook, claimedAt);
    if (!batch) return;
    if ('removed' in batch) return skipRemoved(database, this.worker, webhook, batch.removed);
    const { next } = batch;
    if (batch.events.length === 0) {
      return completeDelivery(database, this.worker, webhook, { next, sent: false, slow: false });
    }
    const begun = performance.now();
    const result = await this.send(webhook, batch);
    if (this.stopping.signal.aborted && result.outcome !== 'delivered') return; // Not the receiver's fault.
    const milliseconds = performance.now() - begun;
    count('scoria_webhook_deliveries', { outcome: result.outcome });
    record('scoria_webhook_delivery_duration_seconds', milliseconds / 1000, { outcome: result.outcome });
    if (result.outcome !== 'delivered') return this.fail(webhook, batch, result);
    count('scoria_webhook_events_delivered', {}, batch.events.length);
    await completeDelivery(database, this.worker, webhook, {
      next,
      sent: true,
      slow: milliseconds > SLOW_MS,
    });
  }

  /** Undefined when it cannot be read, or not in time to be sent, for which no receiver is blamed. */
  private async read(
    webhook: ClaimedWebhook,
    claimedAt: number,
  ): Promise<Awaited<ReturnType<typeof nextBatch>> | undefined> {
    const { database, config, logger } = this.options;
    try {
      const batch = await nextBatch(database, webhook, config.batchSize);
      const sends = 'events' in batch && batch.events.length > 0;
      if (!sends || performance.now() - claimedAt <= LEASE_MARGIN * 1000) return batch;
      throw new Error(`reading took more than ${LEASE_MARGIN} s of the lease`);
    } catch (error) {
      count('scoria_webhook_deliveries', { outcome: 'unread' });
      logger.warn(
        { webhookId: webhook.id, reason: describeError(error) },
        'events for a webhook were not read',
      );
      await leaveUnread(database, this.worker, webhook, backOffSeconds(Infinity, UNREAD_SECONDS));
      return undefined;
    }
  }

  private async send(webhook: ClaimedWebhook, { events }: Batch): Promise<WebhookOutcome> {
    const { id, url, sealedSecret } = webhook;
    const { config, secrets } = this.options;
    const flaw = webhookUrlFlaw(url, { allowHttp: config.allowHttp, guard: this.guard });
    if (flaw !== undefined)
      return { outcome: 'refused', error: `The URL is not allowed: ${flaw}.`, gone: false };
    const key = keyOf(secrets, sealedSecret, id);
    if (!key) return { outcome: 'failed', error: 'The secret cannot be read. Set it anew.', gone: false };
    const body = bodyOf(id, events);
    const headers = { ...signed(key, deliveryId(id, events), Math.floor(Date.now() / 1000), body) };
    return sendWebhook({
      url,
      headers,
      body,
      dispatcher: this.agent,
      timeoutMs: config.timeoutSeconds * 1000,
      signal: this.stopping.signal,
    });
  }

  private async fail(webhook: ClaimedWebhook, { events }: Batch, result: WebhookOutcome): Promise<void> {
    const { database, config, logger } = this.options;
    const { error, gone } = result;
    const disabled = await failDelivery(database, this.worker, webhook, {
      error,
      gone,
      until: events.at(-1)!.cursor,
      delaySeconds: backOffSeconds(webhook.failures, config.maxDelaySeconds),
      giveUpHours: config.giveUpHours,
    });
    const fields = { webhookId: webhook.id, projectId: webhook.projectId, reason: error };
    logger.debug({ ...fields, failures: webhook.failures + 1 }, 'webhook not delivered');
    if (!disabled) return;
    count('scoria_webhooks_disabled', {});
    logger.warn(fields, 'webhook disabled');
  }

  private ring(): void {
    this.rung = true;
    this.wake();
  }

  private pause(milliseconds: number, untilRung: boolean): Promise<void> {
    if (this.stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.wake = () => {};
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      this.wake = () => {
        if (untilRung || this.stopped) done();
      };
    });
  }

  private trouble(what: string, error: unknown): void {
    this.options.logger.warn({ reason: describeError(error) }, what);
  }
}

/** Undefined when it was sealed with another key than this cloud's. */
function keyOf(secrets: SecretBox, sealed: Buffer, id: string): Buffer | undefined {
  try {
    return webhookKey(secrets.open<{ secret: string }>(sealed, id).secret);
  } catch {
    return undefined;
  }
}
