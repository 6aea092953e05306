import { describeError } from '@scoria/domain';
import {
  forgetOldEvents,
  forgetOldKeys,
  forgetOldMessages,
  forgetOldOperations,
  type Database,
} from '@scoria/store';
import { count } from '@scoria/telemetry';
import type { ApiDeps } from '../frame/deps.js';

const INTERVAL_MS = 60_000;

/** Batches removed in one go at most: what is left waits for the next. */
const MAX_BATCHES = 50;

type Forget = (database: Database, days: number) => Promise<{ removed: number; more: boolean }>;

/** Removes what has grown old, a bounded number at a time. Several gateways may do so at once. */
export class Cleaner {
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly deps: Pick<ApiDeps, 'config' | 'database' | 'logger'>) {}

  start(): void {
    this.timer ??= setInterval(() => void this.clean(), INTERVAL_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** Everything once. Failures are logged: there is a next time. */
  async clean(): Promise<void> {
    await this.attempt('idempotency keys', () => forgetOldKeys(this.deps.database));
    const { events, operations } = this.deps.config;
    await this.attempt('events', async () => {
      const removed = await this.inBatches(forgetOldEvents, events.retentionDays);
      if (removed > 0) count('scoria_events_removed', {}, removed);
    });
    await this.attempt('messages', () => this.inBatches(forgetOldMessages));
    await this.attempt('operations', () => this.inBatches(forgetOldOperations, operations.retentionDays));
  }

  private async inBatches(forget: Forget, days = 0): Promise<number> {
    let total = 0;
    for (let batch = 0; batch < MAX_BATCHES; batch++) {
      const { removed, more } = await forget(this.deps.database, days);
      total += removed;
      if (!more) break;
    }
    return total;
  }

  private async attempt(what: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.deps.logger.warn({ what, cause: describeError(error) }, 'what is old was not removed');
    }
  }
}
