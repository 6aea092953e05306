import type { Database } from '../database.js';
import { MIGRATIONS } from '../migrations/index.js';

/** How many migrations this program knows that the database has not seen. */
export async function pendingMigrations(database: Database): Promise<number> {
  const done = await database.query<{ name: string }>('select name from migrations');
  const names = new Set(done.map(({ name }) => name));
  return MIGRATIONS.filter((migration) => !names.has(migration.name)).length;
}
