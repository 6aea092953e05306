import { Fault } from '@scoria/domain';
import type { OperationError } from '@scoria/operations';
import type { Database } from '../database.js';
import type { NotificationListener } from '../notification-listener.js';

export interface EndedOperation {
  state: 'succeeded' | 'failed' | 'cancelled';
  error: OperationError | null;
}

/** A notification that was lost (a reconnect, a failover) costs at most this long. */
const RECHECK_MS = 1000;

/** Where `settle` says which awaited operation has ended. */
const CHANNEL = 'operation_ended';

/** Requests that wait at the same time in one process; each looks into the database once a second. */
const MAX_WAITS = 1000;

/**
 * Lets a request wait for the end of an operation. The row is the answer; the notification only shortens the wait.
 */
export class OperationWaiter {
  private readonly waiting = new Map<string, Set<() => void>>();
  private unlisten: (() => void) | undefined;
  private waits = 0;

  constructor(
    private readonly database: Database,
    private readonly listener: NotificationListener,
  ) {}

  /**
   * Rejects with a fault when the operation has not ended after `timeoutMs` (502), or when too many wait (503), and with
   * the signal's reason when that is raised before. The operation goes on all the same.
   */
  async wait(operationId: string, timeoutMs: number, signal?: AbortSignal): Promise<EndedOperation> {
    if (this.waits >= MAX_WAITS) throw new Fault('unavailable', 'Too many requests wait for storage hosts.');
    this.waits++;
    try {
      return await this.waitFor(operationId, timeoutMs, signal);
    } finally {
      this.waits--;
    }
  }

  /** Requests that wait now. */
  get waitingNow(): number {
    return this.waits;
  }

  private async waitFor(
    operationId: string,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<EndedOperation> {
    const until = performance.now() + timeoutMs;
    this.unlisten ??= this.listener.on(CHANNEL, (id) =>
      this.waiting.get(id ?? '')?.forEach((wake) => wake()),
    );
    for (;;) {
      const [row] = await this.database.query<EndedOperation & { live: boolean }>(
        'select state, error, live from operations where id = $1',
        [operationId],
      );
      if (!row) throw new Fault('internal', 'The operation has disappeared.');
      if (!row.live) return row;
      signal?.throwIfAborted();
      const left = until - performance.now();
      if (left <= 0)
        throw new Fault('badGateway', 'The storage host did not answer in time. The operation goes on.');
      await this.notified(operationId, Math.min(left, RECHECK_MS), signal);
    }
  }

  close(): void {
    this.unlisten?.();
  }

  private notified(id: string, limitMs: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const waiters = this.waiting.get(id) ?? new Set();
      this.waiting.set(id, waiters);
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        waiters.delete(done);
        if (waiters.size === 0 && this.waiting.get(id) === waiters) this.waiting.delete(id);
        resolve();
      };
      const timer = setTimeout(done, limitMs);
      waiters.add(done);
      if (signal?.aborted) done();
      else signal?.addEventListener('abort', done);
    });
  }
}
