import { loadConfig } from '@scoria/config';
import { migrate } from '@scoria/store';

/** `scoria db migrate`: brings the schema up to date; safe to run again and from several places at once. */
export async function runMigrate(file: string | undefined): Promise<void> {
  const config = loadConfig({ env: process.env, services: [], ...(file === undefined ? {} : { file }) });
  const done = await migrate(config.database.url);
  console.log(done.length === 0 ? 'The database is up to date.' : `Applied: ${done.join(', ')}`);
}
