import { createHash, randomUUID } from 'node:crypto';
import pg from 'pg';
import { SERVICES_VARIABLE, askTestServices } from './services/services-socket.js';

export interface DatabaseTemplate {
  /** Short and in lower case; the same name must always mean the same `migrate`. */
  name: string;
  /** Brings the empty database at this URL to its newest state. Called once for each run of the tests. */
  migrate(url: string): Promise<void>;
}

export interface TestDatabase extends AsyncDisposable {
  name: string;
  /** Connection URL, as the role that owns the database. */
  url: string;
  /** Ends every session in it and removes it. */
  drop(): Promise<void>;
}

/**
 * A database for one test or test file: empty, or a copy of `template`, which costs far less than migrating anew. It
 * lies in the server that SCORIA_TEST_DATABASE_URL names, else in one that the test run starts by itself.
 */
export async function testDatabase(template?: DatabaseTemplate): Promise<TestDatabase> {
  const serverUrl = (await askTestServices('database'))['url']!;
  const name = `scoria_test_${randomUUID().replaceAll('-', '')}`;
  await withClient(serverUrl, async (client) => {
    const source = template ? await templateDatabase(client, serverUrl, template) : 'template0';
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${source}`);
  });
  const drop = () =>
    withClient(
      serverUrl,
      async (client) => void (await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)),
    );
  return { name, url: databaseUrl(serverUrl, name), drop, [Symbol.asyncDispose]: drop };
}

/**
 * The migrated database to copy from, made by whoever comes first while the others wait. Its name holds the run's
 * identity, so that a server that outlives the run never serves a template of older migrations.
 */
async function templateDatabase(
  client: pg.Client,
  serverUrl: string,
  template: DatabaseTemplate,
): Promise<string> {
  const run = process.env[SERVICES_VARIABLE]!;
  const name = `scoria_template_${createHash('sha256').update(`${run} ${template.name}`).digest('hex').slice(0, 24)}`;
  await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [name]);
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    if (rowCount) return name;
    const draft = `${name}_draft`;
    await client.query(`DROP DATABASE IF EXISTS ${draft} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${draft} TEMPLATE template0`);
    await template.migrate(databaseUrl(serverUrl, draft));
    // A session that the migration left open would make every copy fail.
    await client.query('SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1', [
      draft,
    ]);
    await client.query(`ALTER DATABASE ${draft} RENAME TO ${name}`);
    await client.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
    return name;
  } finally {
    await client.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [name]);
  }
}

function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
