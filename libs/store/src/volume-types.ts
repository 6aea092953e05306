import type { Database } from './database.js';

/** Makes a public volume type unless one of that name is there; an existing one stays as it is. */
export async function ensureVolumeType(
  database: Database,
  name: string,
  extraSpecs: Record<string, string>,
): Promise<void> {
  await database.query(
    'insert into volume_types (name, extra_specs) values ($1, $2) on conflict (name) do nothing',
    [name, JSON.stringify(extraSpecs)],
  );
}
