import { createHash } from 'node:crypto';
import type { PoolClient } from 'pg';

/**
 * Texts that are kept prepared on each connection. Those of the usual requests and of the engine are a few hundred;
 * beyond this bound (unusual filters, orders and versions) statements are planned anew each time instead of piling up
 * in the server.
 */
const MAX_PREPARED = 512;

const names = new Map<string, string>();

/**
 * Runs one statement, prepared once per connection: parsing and planning costs more than running it for a few rows.
 * One without parameters (`begin`, DDL) goes as it is. Answers as TypeORM does: rows, or `[rows, count]` of an update
 * or a delete.
 */
export async function runPrepared<T>(on: PoolClient, text: string, values: unknown[]): Promise<T> {
  const name = values.length > 0 ? nameOf(text) : undefined;
  const { command, rows, rowCount } = await on.query(
    name === undefined ? { text, values } : { name, text, values },
  );
  return (command === 'UPDATE' || command === 'DELETE' ? [rows, rowCount] : rows) as T;
}

function nameOf(text: string): string | undefined {
  let name = names.get(text);
  if (name === undefined && names.size < MAX_PREPARED) {
    name = createHash('sha256').update(text).digest('hex').slice(0, 32);
    names.set(text, name);
  }
  return name;
}
