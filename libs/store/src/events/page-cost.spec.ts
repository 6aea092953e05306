import { randomUUID } from 'node:crypto';
import { testDatabase, waitFor, type TestDatabase } from '@scoria/testing';
import { Database, migrate, type Tx } from '../database.js';
import { FIRST } from './event-cursor.js';
import type { EventFilter } from './event-filter.js';
import { LOOK } from './event-window.js';
import { heldBackSeconds, readEvents, type EventPage } from './read-events.js';

/** Events of others, all of them older than the project's. */
const FOREIGN = 30_000;
const OWN = 15_000;
/** Beyond this the server keeps a plan that knows no parameters. */
const UNTIL_GENERIC = 7;
const BUSY = '00000000-0000-4000-8000-000000000001';
const QUIET = '00000000-0000-4000-8000-000000000002';

let source: TestDatabase;
let database: Database;

async function add(events: number, project: string, type = 'volume.update', resource = BUSY): Promise<void> {
  await database.query(
    `insert into events (type, project_id, resource_type, resource_id)
     select $1, $2, 'volume', $3::uuid from generate_series(1, $4)`,
    [type, project, resource, events],
  );
}

const filterOf = (filter: Partial<EventFilter>): EventFilter => ({ projectId: 'p', types: [], ...filter });

/** The rows of `events` that this session has read and not told the server of yet. */
async function readBy(tx: Tx): Promise<number> {
  const [row] = await tx.query<{ read: number }[]>(
    `select (seq_tup_read + idx_tup_fetch)::int as read from pg_stat_xact_user_tables
      where relname = 'events' and $1::int = 1`,
    [1],
  );
  return row!.read;
}

/** One page, and the rows of `events` that are read for it. */
const pageAndCost = (filter: EventFilter): Promise<{ page: EventPage; read: number }> =>
  database.transaction(async (tx) => {
    const before = await readBy(tx);
    const page = await readEvents(tx, { after: FIRST, limit: 100, filter });
    return { page, read: (await readBy(tx)) - before };
  });

describe.each(['never', 'while it was empty', 'since'])('with statistics gathered %s', (analysed) => {
  beforeAll(async () => {
    source = await testDatabase({ name: 'store', migrate: async (url) => void (await migrate(url)) });
    database = await Database.open({ url: source.url, poolSize: 1 });
    if (analysed === 'while it was empty') await database.query('analyze events');
    await add(FOREIGN, 'other');
    await add(10, 'p', 'snapshot.update', QUIET);
    await add(OWN, 'p');
    if (analysed === 'since') await database.query('vacuum analyze events');
    await waitFor(() => heldBackSeconds(database), { until: (seconds) => seconds === 0 });
  });
  afterAll(async () => {
    await database.close();
    await source.drop();
  });

  test.each<[string, EventFilter]>([
    ['a type that nobody has', filterOf({ types: ['zzz'] })],
    ['a type that nobody has, in all projects', filterOf({ projectId: null, types: ['zzz'] })],
    ['a kind of resource that nobody has', filterOf({ resourceType: 'quota' })],
    ['a busy resource and a type that it does not have', filterOf({ resourceId: BUSY, types: ['zzz'] })],
    ['a webhook with a rare type', filterOf({ types: ['zzz'], webhookId: randomUUID() })],
  ])('a page for %s reads a bounded part of what is kept', async (_, filter) => {
    for (let times = 1; times <= UNTIL_GENERIC; times++) {
      const { page, read } = await pageAndCost(filter);
      expect(page).toMatchObject({ events: [], more: true });
      // Once to look, once to find where it has ended; for a resource once more, to see how many there are.
      expect(read).toBeLessThanOrEqual(3 * LOOK + 10);
    }
  });

  test('a page that is full reads no more than it shows, and so do those of a resource with few events', async () => {
    for (let times = 1; times <= UNTIL_GENERIC; times++) {
      const full = await pageAndCost(filterOf({ types: ['volume.'] }));
      expect([full.page.events.length, full.page.more]).toEqual([100, true]);
      expect(full.read).toBeLessThanOrEqual(200);
      for (const projectId of ['p', null]) {
        const quiet = await pageAndCost(filterOf({ resourceId: QUIET, projectId }));
        expect([quiet.page.events.length, quiet.page.more]).toEqual([10, false]);
        expect(quiet.read).toBeLessThanOrEqual(50);
      }
    }
  });
});
