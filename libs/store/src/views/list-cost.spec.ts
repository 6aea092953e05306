import { testDatabase, type TestDatabase } from '@scoria/testing';
import { Database, migrate, type Tx } from '../database.js';
import { listRows } from './list-rows.js';
import { MESSAGES } from './messages.view.js';
import { OPERATION_VIEW } from './operations.view.js';
import type { ResourceView } from './view.js';

const KEPT = 20_000;
/** Beyond this the server keeps a plan that knows no parameters. */
const UNTIL_GENERIC = 7;

describe.each(['never', 'while they were empty', 'since'])('with statistics gathered %s', (analysed) => {
  let source: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    source = await testDatabase({ name: 'store', migrate: async (url) => void (await migrate(url)) });
    database = await Database.open({ url: source.url, poolSize: 1 });
    if (analysed === 'while they were empty') await database.query('analyze operations, messages');
    await database.query(
      `insert into operations (id, kind, version, resource_type, resource_id, project_id, user_id, request_id, input, state,
                               step_name, queue, deadline, created_at, finished_at)
       select gen_random_uuid(), 'old', 1, 'volume', gen_random_uuid(), 'p', '', 'req-' || n, '{}', 'succeeded', '', '',
              now(), now() - make_interval(secs => n), now()
         from generate_series(1, $1) n`,
      [KEPT],
    );
    await database.query(
      `insert into messages (project_id, request_id, resource_type, action_id, detail_id, event_id, user_message, created_at,
                             expires_at)
       select 'p', 'req-' || n, 'volume', '', '', '', '', now() - make_interval(secs => n), now() + interval '1 day'
         from generate_series(1, $1) n`,
      [KEPT],
    );
    if (analysed === 'since') await database.query('vacuum analyze operations, messages');
  });
  afterAll(async () => {
    await database.close();
    await source.drop();
  });

  /** The rows of a table that this session has read and not told the server of yet. */
  const readBy = async (tx: Tx, table: string): Promise<number> => {
    const [row] = await tx.query<{ read: number }[]>(
      `select (seq_tup_read + idx_tup_fetch)::int as read from pg_stat_xact_user_tables where relname = $1`,
      [table],
    );
    return row!.read;
  };

  test.each<[ResourceView, string | null]>([
    [OPERATION_VIEW, 'p'],
    [OPERATION_VIEW, null],
    [MESSAGES, 'p'],
    [MESSAGES, null],
  ])('what one request has begun is listed without reading all that is kept', async (view, projectId) => {
    for (let times = 1; times <= UNTIL_GENERIC; times++) {
      const [returned, read] = await database.transaction(async (tx) => {
        const before = await readBy(tx, view.table);
        // All that a list asks of the database is a statement, which a transaction takes, too.
        const page = await listRows(tx as Database, view, {
          viewer: { projectId, isAdmin: projectId === null, minor: 0, links: { self: '', bookmark: '' } },
          shape: 'detail',
          limit: 1000,
          offset: 0,
          sort: [{ key: 'created_at', direction: 'desc' }],
          filters: [{ key: 'request_id', values: ['req-7'], inexact: false }],
          withCount: false,
        });
        return [page.returned, (await readBy(tx, view.table)) - before];
      });
      expect(returned).toBe(1);
      expect(read).toBeLessThan(KEPT / 20);
    }
  });
});
