import type { Pool } from 'pg';
import type { Tx } from './database.js';
import { runPrepared } from './prepared.js';

/**
 * Runs `work` between `begin` and `commit` on one connection. Straight on the pool's client: TypeORM's query runner
 * neither prepares statements nor comes for free.
 */
export async function inTransaction<T>(pool: Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let lost: Error | undefined;
  // A client that loses its connection between two statements says so here; unheard, it would end the process.
  const lose = (error: Error): void => {
    lost ??= error;
  };
  client.on('error', lose);
  try {
    await client.query('begin');
    const result = await work({
      query: (sql: string, parameters: unknown[] = []) => runPrepared(client, sql, parameters),
    });
    // A transaction in which a statement failed ends with a rollback, and commit says so without an error.
    const { command } = await client.query('commit');
    if (command !== 'COMMIT')
      throw new Error('the transaction was rolled back: a statement in it has failed');
    return result;
  } catch (error) {
    const cause = lost ?? error;
    if (isUnanswered(error)) lose(error);
    // Who did not answer before would not answer this either.
    else await client.query('rollback').catch(lose);
    throw cause;
  } finally {
    client.off('error', lose);
    client.release(lost); // One that is lost, or could not be rolled back, is not used again.
  }
}

/** pg's error when a statement has no answer within `query_timeout`. */
function isUnanswered(error: unknown): error is Error {
  return error instanceof Error && error.message === 'Query read timeout';
}
