import { testDatabase, type TestDatabase } from '@scoria/testing';
import { Database, migrate } from './database.js';
import { MIGRATIONS } from './migrations/index.js';

interface ColumnRow {
  name: string;
  type: string;
  nullable: boolean;
}

let source: TestDatabase;
let database: Database;

beforeAll(async () => {
  source = await testDatabase({ name: 'store', migrate: async (url) => void (await migrate(url)) });
  database = await Database.open({ url: source.url, poolSize: 2 });
});

afterAll(async () => {
  await database?.close();
  await source?.drop();
});

test('an entity that drifted from its table is found', async () => {
  for (const metadata of database.dataSource.entityMetadatas) {
    const rows = await database.query<ColumnRow>(
      `select a.attname as name, format_type(a.atttypid, null) as type, not a.attnotnull as nullable
         from pg_attribute a where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped order by 1`,
      [metadata.tableName],
    );
    const columns = metadata.columns
      .map((column) => ({
        name: column.databaseName,
        type: `${TYPE_NAMES[String(column.type)] ?? String(column.type)}${column.isArray ? '[]' : ''}`,
        nullable: column.isNullable,
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    expect({ table: metadata.tableName, columns }).toEqual({ table: metadata.tableName, columns: rows });
  }
});

const TYPE_NAMES: Record<string, string> = { timestamptz: 'timestamp with time zone' };

test('what refers to a row that is to be deleted is found without walking through a table', async () => {
  const walked = await database.query<{ reference: string }>(
    `select conrelid::regclass || ' ' || pg_get_constraintdef(c.oid) as reference
       from pg_constraint c
      where contype = 'f' and not exists (
              select from pg_index i where i.indrelid = c.conrelid and i.indkey[0] = c.conkey[1])`,
  );
  expect(walked).toEqual([]);
});

test('migrations go down to nothing and up again', async () => {
  await using empty = await testDatabase();
  const names = MIGRATIONS.map((migration) => migration.name);
  expect(await migrate(empty.url)).toEqual(names);
  expect(await migrate(empty.url)).toEqual([]);
  const other = await Database.open({ url: empty.url, poolSize: 1 });
  try {
    for (const _ of names) await other.dataSource.undoLastMigration();
    const left = await other.query(
      `select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'public' and c.relkind in ('r', 'v') and c.relname <> 'migrations'
       union all select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'public'`,
    );
    expect(left).toEqual([]);
    await other.dataSource.runMigrations();
  } finally {
    await other.close();
  }
});

test('two processes that migrate at once do not meet', async () => {
  await using empty = await testDatabase();
  const done = await Promise.all([migrate(empty.url), migrate(empty.url)]);
  expect(done.flat()).toEqual(MIGRATIONS.map((migration) => migration.name));
});
