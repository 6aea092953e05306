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

/**
 * Lets a request wait for the end of an operation. The row is the answer; the notification only shortens the wait.
 */
export class OperationWaiter {
  private readonly waiting = new Map<string, Set<() => void>>();
  private client: pg.Client | undefined;
  private connecting: Promise<void> | undefined;
  private closed = false;

  constructor(
    private readonly database: Database,
    private readonly url: string,
  ) {}

  /** Rejects with a 502 fault when the operation has not ended after `timeoutMs`; it goes on all the same. */
  async wait(operationId: string, timeoutMs: number): Promise<EndedOperation> {
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
      await this.notified(operationId, Math.min(left, RECHECK_MS));
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.connecting;
    await this.client?.end().catch(() => {});
  }

  private notified(id: string, limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const waiters = this.waiting.get(id) ?? new Set();
      this.waiting.set(id, waiters);
      const done = (): void => {
        clearTimeout(timer);
        waiters.delete(done);
        if (waiters.size === 0 && this.waiting.get(id) === waiters) this.waiting.delete(id);
        resolve();
      };
      const timer = setTimeout(done, limitMs);
      waiters.add(done);
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
      keepAliveInitialDelayMillis: 10_000,
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
