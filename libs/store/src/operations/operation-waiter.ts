import { Fault } from '@scoria/domain';
import type { OperationError } from '@scoria/operations';
import pg from 'pg';
import type { Database } from '../database.js';

export interface EndedOperation {
  state: 'succeeded' | 'failed' | 'cancelled';
  error: OperationError | null;
}

/** A notification that was lost (a reconnect, a failover) costs at most this long. */
const RECHECK_MS = 1000;

/** Requests that wait at the same time in one process; each looks into the database once a second. */
const MAX_WAITS = 1000;

/**
 * Lets a request wait for the end of an operation. The row is the answer; the notification only shortens the wait.
 */
export class OperationWaiter {
  private readonly waiting = new Map<string, Set<() => void>>();
  private client: pg.Client | undefined;
  private connecting: Promise<void> | undefined;
  private closed = false;
  private waits = 0;

  constructor(
    private readonly database: Database,
    private readonly url: string,
  ) {}

  /**
   * Rejects with a fault when the operation has not ended after `timeoutMs` (502), when too many wait, or when `gone` says
   * that nobody needs the answer (503). The operation goes on all the same.
   */
  async wait(operationId: string, timeoutMs: number, gone?: AbortSignal): Promise<EndedOperation> {
    if (this.waits >= MAX_WAITS) throw new Fault('unavailable', 'Too many requests wait for storage hosts.');
    this.waits++;
    try {
      return await this.waitFor(operationId, timeoutMs, gone);
    } finally {
      this.waits--;
    }
  }

  /** Requests that wait now. */
  get waitingNow(): number {
    return this.waits;
  }

  private async waitFor(operationId: string, timeoutMs: number, gone?: AbortSignal): Promise<EndedOperation> {
    const until = performance.now() + timeoutMs;
    void this.listen();
    for (;;) {
      const [row] = await this.database.query<EndedOperation & { live: boolean }>(
        'select state, error, live from operations where id = $1',
        [operationId],
      );
      if (!row) throw new Fault('internal', 'The operation has disappeared.');
      if (!row.live) return row;
      const left = until - performance.now();
      if (left <= 0)
        throw new Fault('badGateway', 'The storage host did not answer in time. The operation goes on.');
      await this.notified(operationId, Math.min(left, RECHECK_MS), gone);
      if (gone?.aborted)
        throw new Fault('unavailable', 'The client has gone.', { cause: 'it closed its connection' });
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.connecting;
    await this.client?.end().catch(() => {});
  }

  private notified(id: string, limitMs: number, gone?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const waiters = this.waiting.get(id) ?? new Set();
      this.waiting.set(id, waiters);
      const done = (): void => {
        clearTimeout(timer);
        gone?.removeEventListener('abort', done);
        waiters.delete(done);
        if (waiters.size === 0 && this.waiting.get(id) === waiters) this.waiting.delete(id);
        resolve();
      };
      const timer = setTimeout(done, limitMs);
      waiters.add(done);
      if (gone?.aborted) done();
      else gone?.addEventListener('abort', done);
    });
  }

  private listen(): Promise<void> {
    if (this.closed || this.client) return Promise.resolve();
    this.connecting ??= this.connect()
      .catch(() => {})
      .finally(() => {
        this.connecting = undefined;
      });
    return this.connecting;
  }

  private async connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.url,
      keepAlive: true,
      connectionTimeoutMillis: 5000,
      application_name: 'scoria-listen',
    });
    client.on('error', () => this.forget(client));
    client.on('end', () => this.forget(client));
    client.on('notification', ({ payload }) => this.waiting.get(payload ?? '')?.forEach((wake) => wake()));
    await client.connect();
    await client.query('listen operation_ended');
    this.client = client;
  }

  private forget(client: pg.Client): void {
    if (this.client === client) this.client = undefined;
  }
}
