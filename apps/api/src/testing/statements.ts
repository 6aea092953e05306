import type { Database } from '@scoria/store';

interface ClientClass {
  prototype: { query(...args: unknown[]): unknown };
}

/** Wakes the events' readers a moment after a commit: whenever it comes, it is not of what is counted. */
const BELL = 'select pg_notify($1, null)';

/** The statements that `database` sends while `work` runs, prepared ones and those of transactions too. */
export async function statementsOf(database: Database, work: () => Promise<unknown>): Promise<string[]> {
  const seen: string[] = [];
  const { master } = database.dataSource.driver as unknown as { master: { Client: ClientClass } };
  const { prototype } = master.Client;
  const query = Reflect.get<ClientClass['prototype'], 'query'>(prototype, 'query');
  prototype.query = function counting(this: unknown, ...args: unknown[]): unknown {
    const [first] = args;
    const text = typeof first === 'string' ? first : (first as { text: string }).text;
    if (text !== BELL) seen.push(text);
    return Reflect.apply(query, this, args);
  };
  try {
    await work();
  } finally {
    prototype.query = query;
  }
  return seen;
}
