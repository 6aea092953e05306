import pg from 'pg';
import { type DatabaseTemplate, type TestDatabase, testDatabase } from './test-database.js';

let migrations = 0;
const template: DatabaseTemplate = {
  name: `testing-spec-${process.pid}`,
  migrate: async (url) => {
    migrations++;
    await query(url, 'CREATE TABLE volume (id int PRIMARY KEY)');
  },
};

describe('a database for a test', () => {
  it('does not migrate again for each test, even when several start at once', async () => {
    const databases = await Promise.all([1, 2, 3].map(() => testDatabase(template)));
    try {
      for (const { url } of databases)
        expect(await query(url, 'SELECT count(*)::int AS n FROM volume')).toEqual([{ n: 0 }]);
      expect(migrations).toBe(1);
    } finally {
      await Promise.all(databases.map((database) => database.drop()));
    }
  });

  it('does not show one test the rows of another', async () => {
    const [first, second] = await Promise.all([testDatabase(template), testDatabase(template)]);
    await query(first.url, 'INSERT INTO volume VALUES (1)');
    expect(await query(second.url, 'SELECT id FROM volume')).toEqual([]);
    await Promise.all([first.drop(), second.drop()]);
  });

  it('is dropped even while a forgotten session uses it', async () => {
    const database: TestDatabase = await testDatabase();
    const forgotten = new pg.Client({ connectionString: database.url });
    const ended = new Promise((resolve) => forgotten.on('error', resolve));
    await forgotten.connect();
    await database.drop();
    await ended;
    await expect(query(database.url, 'SELECT 1')).rejects.toMatchObject({ code: '3D000' });
  });

  it('does not copy from a template whose migration failed', async () => {
    let broken = true;
    const failing: DatabaseTemplate = {
      name: `testing-spec-failing-${process.pid}`,
      migrate: async (url) => {
        await query(url, 'CREATE TABLE half_done (id int)');
        if (broken) throw new Error('migration failed');
      },
    };
    await expect(testDatabase(failing)).rejects.toThrow('migration failed');
    broken = false;
    await using database = await testDatabase(failing);
    expect(await query(database.url, 'SELECT count(*)::int AS n FROM half_done')).toEqual([{ n: 0 }]);
  });
});

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows as unknown[];
  } finally {
    await client.end();
  }
}
