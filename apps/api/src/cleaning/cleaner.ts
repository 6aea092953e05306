import { describeError } from '@scoria/domain';
import { forgetOldEvents, forgetOldKeys, forgetOldMessages, forgetOldOperations } from '@scoria/store';
import { count } from '@scoria/telemetry';
import type { ApiDeps } from '../frame/deps.js';

const INTERVAL_MS = 60_000;

/** Batches removed in one go at most: what is left waits for the next. */
const MAX_BATCHES = 50;

/** @param removeBatch removes a bounded number, and says whether there may be more */
async function inBatches(removeBatch: () => Promise<{ more: boolean }>): Promise<void> {
  for (let batch = 0; batch < MAX_BATCHES; batch++) if (!(await removeBatch()).more) return;
}

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
    const { database, config } = this.deps;
    await this.attempt('idempotency keys', () => inBatches(() => forgetOldKeys(database)));
    await this.attempt('events', () =>
      inBatches(async () => {
        const batch = await forgetOldEvents(database, config.events.retentionDays);
        if (batch.removed > 0) count('scoria_events_removed', {}, batch.removed);
        return batch;
      }),
    );
    await this.attempt('messages', () => inBatches(() => forgetOldMessages(database)));
    await this.attempt('operations', () =>
      inBatches(() => forgetOldOperations(database, config.operations.retentionDays)),
    );
  }

  private async attempt(what: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.deps.logger.warn({ what, cause: describeError(error) }, 'what is old was not removed');
    }
  }
}
