import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import type { Database } from '../database.js';
import { translateErrors } from '../errors.js';

/**
 * Statements that are kept prepared on each connection. The usual views are a few dozen; beyond this bound (unusual
 * filters, orders and versions) statements are planned anew each time instead of piling up in the server.
 */
const MAX_PREPARED = 256;

const names = new Map<string, string>();

/**
 * One statement outside of any transaction, prepared once per connection: parsing and planning a view costs more than
 * running it for a single row.
 */
export async function queryPrepared<Row>(
  database: Database,
  text: string,
  values: unknown[],
): Promise<Row[]> {
  const { master } = database.dataSource.driver as unknown as { master: Pool };
  const name = nameOf(text);
  const query = name === undefined ? { text, values } : { name, text, values };
  const { rows } = await translateErrors(() => master.query(query));
  return rows as Row[];
}

function nameOf(text: string): string | undefined {
  let name = names.get(text);
  if (name === undefined && names.size < MAX_PREPARED) {
    name = createHash('sha256').update(text).digest('hex').slice(0, 32);
    names.set(text, name);
  }
  return name;
}
