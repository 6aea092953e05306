import pg from 'pg';

/** Writes stay possible for the harness itself while everybody else may only read. */
const OPTIONS = '-c default_transaction_read_only=off';
const CONNECT_MS = 10_000;

/** A session with the real PostgreSQL, past every proxy. */
export async function connectControl(url: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'chaos',
    options: OPTIONS,
    connectionTimeoutMillis: CONNECT_MS,
  });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** One statement in a session of its own. */
export async function control<Row extends object>(
  url: string,
  sql: string,
  parameters: unknown[] = [],
): Promise<Row[]> {
  const client = await connectControl(url);
  try {
    return (await client.query<Row>(sql, parameters)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Ends every session but the caller's own. */
export const END_OTHER_SESSIONS = `select pg_terminate_backend(pid) from pg_stat_activity
  where backend_type = 'client backend' and application_name <> 'chaos'`;
