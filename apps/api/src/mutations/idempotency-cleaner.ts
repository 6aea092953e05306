import { describeError } from '@scoria/domain';
import { forgetOldKeys } from '@scoria/store';
import type { ApiDeps } from '../frame/deps.js';

const INTERVAL_MS = 60_000;

/** Forgets idempotency keys that are older than a day. Several gateways may do so at once. */
export class IdempotencyCleaner {
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly deps: Pick<ApiDeps, 'database' | 'logger'>) {}

  start(): void {
    this.timer ??= setInterval(() => void this.clean(), INTERVAL_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async clean(): Promise<void> {
    try {
      await forgetOldKeys(this.deps.database);
    } catch (error) {
      this.deps.logger.warn({ cause: describeError(error) }, 'old idempotency keys were not removed');
    }
  }
}
