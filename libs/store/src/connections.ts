import type { Pool, PoolClient } from 'pg';
import { DatabaseBusy } from './errors.js';

/**
 * The pool of connections, with an end to the queue before it: `pg` bounds the time that a statement waits, this bounds
 * how many do.
 */
export class Connections {
  /** When each began that waits now; the first is the oldest, since the pool serves them in order. */
  private readonly waitingSince = new Set<{ at: number }>();

  constructor(
    private readonly pool: Pool,
    private readonly maxWaiting: number,
  ) {}

  /**
   * Give it back with `release`, with the error that broke it if one did.
   *
   * @throws DatabaseBusy instead of a place in a queue that is too long already
   */
  async take(): Promise<PoolClient> {
    if (this.pool.waitingCount >= this.maxWaiting)
      throw new DatabaseBusy(new Error(`${this.maxWaiting} statements wait for a connection already`));
    const since = { at: performance.now() };
    this.waitingSince.add(since);
    try {
      return await this.pool.connect();
    } finally {
      this.waitingSince.delete(since);
    }
  }

  /** Statements and transactions that wait now. */
  get waiting(): number {
    return this.pool.waitingCount;
  }

  /** Milliseconds that the first of them has waited; 0 when none does. */
  get waitedMs(): number {
    const [first] = this.waitingSince;
    return first ? performance.now() - first.at : 0;
  }

  get inUse(): number {
    return this.pool.totalCount - this.pool.idleCount;
  }
}

/** Runs `work` on a connection of its own. One that is `lost`, as its client or `work` says, is not used again. */
export async function onConnection<T>(
  connections: Connections,
  work: (client: PoolClient, connection: { lost: Error | undefined }) => Promise<T>,
): Promise<T> {
  const client = await connections.take();
  const connection: { lost: Error | undefined } = { lost: undefined };
  // A client that loses its connection between two statements says so here; unheard, it would end the process.
  const lose = (error: Error): void => {
    connection.lost ??= error;
  };
  client.on('error', lose);
  try {
    return await work(client, connection);
  } catch (error) {
    if (isUnanswered(error)) lose(error);
    throw error;
  } finally {
    client.off('error', lose);
    client.release(connection.lost);
  }
}

/** pg's error when a statement has no answer within `query_timeout`. */
export function isUnanswered(error: unknown): error is Error {
  return error instanceof Error && error.message === 'Query read timeout';
}
