import { Database, ensureVolumeType } from '@scoria/store';

/** A volume type for each kind of backend that storage hosts have. */
export async function makeVolumeTypes(databaseUrl: string): Promise<void> {
  const database = await Database.open({ url: databaseUrl, poolSize: 1 });
  try {
    for (const name of ['file', 'null'])
      await ensureVolumeType(database, name, { volume_backend_name: name });
  } finally {
    await database.close();
  }
}
