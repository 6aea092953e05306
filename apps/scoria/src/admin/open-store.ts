import { join } from 'node:path';
import { loadConfig, type ScoriaConfig } from '@scoria/config';
import { Fault, describeError } from '@scoria/domain';
import { runningPostgres } from '@scoria/local-services';
import { Database } from '@scoria/store';

/** Which Scoria a command is about. */
export interface Whereabouts {
  /** A configuration file, of any of its services. */
  config?: string;
  /** The directory of a single-process run. */
  data?: string;
}

/** The default directory of `scoria all`. */
export const DATA_DIR = '.scoria';

/** The configuration that was named, by option or environment; undefined for a single-process run. */
export function namedConfig({ config, data }: Whereabouts): ScoriaConfig | undefined {
  const { SCORIA_CONFIG, SCORIA_DATABASE_URL, SCORIA__DATABASE__URL } = process.env;
  const named = config ?? SCORIA_CONFIG ?? SCORIA_DATABASE_URL ?? SCORIA__DATABASE__URL;
  if (data !== undefined || named === undefined) return undefined;
  return loadConfig({ env: process.env, services: [], ...(config === undefined ? {} : { file: config }) });
}

/**
 * The database itself, whether or not any service runs. Of a single-process run that is its embedded PostgreSQL, which
 * is there while the process is.
 *
 * @throws Fault `unavailable` with words for whoever typed the command
 */
export async function openStore(where: Whereabouts): Promise<Database> {
  const config = namedConfig(where);
  const data = where.data ?? DATA_DIR;
  const url = config?.database.url ?? runningPostgres(join(data, 'postgres'));
  if (url === undefined) {
    throw new Fault(
      'unavailable',
      `No Scoria runs in ${data}. Name another with --config FILE or --data DIR.`,
    );
  }
  return Database.open({ url, poolSize: 2, applicationName: 'scoria-admin' }).catch((error: unknown) => {
    throw new Fault('unavailable', 'The database does not answer', { cause: describeError(error) });
  });
}
