import pg from 'pg';

/** The statements that this process sends to the database while `work` runs. */
export async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
  const seen: string[] = [];
  const { prototype } = pg.Client;
  const { query } = prototype;
  const counting = function (this: pg.Client, ...args: unknown[]): unknown {
    const [first] = args;
    seen.push(typeof first === 'string' ? first : (first as { text: string }).text);
    return Reflect.apply(query, this, args);
  };
  prototype.query = counting as typeof query;
  try {
    await work();
  } finally {
    prototype.query = query;
  }
  return seen;
}
