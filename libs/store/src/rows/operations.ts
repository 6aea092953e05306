import type { Database } from '../database.js';

/** Those of the operations that have not ended. */
export async function liveOperations(database: Database, ids: readonly string[]): Promise<Set<string>> {
  const rows = await database.query<{ id: string }>(
    'select id from operations where live and id = any($1::uuid[])',
    [ids],
  );
  return new Set(rows.map(({ id }) => id));
}
