import { isUnanswered, onConnection, type Connections } from './connections.js';
import type { Tx } from './database.js';
import { runPrepared } from './prepared.js';

/**
 * Runs `work` between `begin` and `commit` on one connection. Straight on the pool's client: TypeORM's query runner
 * neither prepares statements nor comes for free.
 */
export function inTransaction<T>(connections: Connections, work: (tx: Tx) => Promise<T>): Promise<T> {
  return onConnection(connections, async (client, connection) => {
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
      const cause = connection.lost ?? error;
      // Who did not answer before would not answer this either.
      if (!isUnanswered(error))
        await client.query('rollback').catch((failure: Error) => (connection.lost ??= failure));
      throw cause;
    }
  });
}
