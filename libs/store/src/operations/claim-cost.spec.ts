import { randomUUID } from 'node:crypto';
import { mayTakeSlot } from '@scoria/domain';
import type { ClaimRequest } from '@scoria/operations';
import { testDatabase, type TestDatabase } from '@scoria/testing';
import { Database, migrate } from '../database.js';
import { addBacklog } from '../test-support/backlog.js';
import { claimStatement } from './claim-statements.js';

const BACKLOG = 20_000;
/** Beyond this the server keeps a plan that knows no parameters. */
const UNTIL_GENERIC = 7;

let source: TestDatabase;
let database: Database;

beforeEach(async () => {
  source = await testDatabase({ name: 'store', migrate: async (url) => void (await migrate(url)) });
  database = await Database.open({ url: source.url, poolSize: 1 });
});
afterEach(async () => {
  await database.close();
  await source.drop();
});

const request = (changes: Partial<ClaimRequest> = {}): ClaimRequest => ({
  worker: { id: randomUUID(), service: 'volume', host: 'host', leaseSeconds: 30 },
  queue: 'scheduler',
  limit: 16,
  definitions: ['volume.create/1'],
  running: [],
  slots: 16,
  share: 0.75,
  ...changes,
});

class Undone extends Error {}

/** What one claim answers, and the rows of `operations` that it reads. Nothing of it stays. */
async function claimAndUndo(of: ClaimRequest): Promise<{ projects: string[]; read: number }> {
  let result = { projects: [] as string[], read: 0 };
  const undone = database.transaction(async (tx) => {
    const claimed = await tx.query<{ projectId: string }[]>(...claimStatement(of));
    const [row] = await tx.query<{ read: number }[]>(
      `select (seq_tup_read + idx_tup_fetch)::int as read from pg_stat_xact_user_tables
        where relname = 'operations' and $1::int = 1`,
      [1],
    );
    result = { projects: claimed.map(({ projectId }) => projectId), read: row!.read };
    throw new Undone();
  });
  await expect(undone).rejects.toThrow(Undone);
  return result;
}

test.each([
  [1, 'never'],
  [1, 'while it was empty'],
  [1, 'since'],
  [10, 'never'],
  [1000, 'since'],
])(
  'a claim reads what it takes, not the backlog: of %i projects, statistics gathered %s',
  async (projects, analysed) => {
    if (analysed === 'while it was empty') await database.query('analyze operations');
    await addBacklog(database, BACKLOG, projects);
    if (projects === 1) await addBacklog(database, 1, 1, 'zzz');
    if (analysed === 'since') await database.query('vacuum analyze operations');
    for (let times = 1; times <= UNTIL_GENERIC; times++) {
      const { projects: served, read } = await claimAndUndo(request({ after: 'project 3', share: 1 }));
      expect(served).toHaveLength(projects === 1 ? 9 : 16);
      expect(served.includes('zzz 1')).toBe(projects === 1);
      // What the claims before it have undone is read as well.
      expect(read).toBeLessThan(BACKLOG / 20);
    }
  },
);

test.each([
  [16, 0.75],
  [128, 0.5],
  [10, 0.9],
  [2, 0.75],
  [1, 0.5],
  [16, 1],
])('of %i slots with a share of %d, the database and the engine mean the same', async (slots, share) => {
  await addBacklog(database, 3 * slots, 3);
  const { projects } = await claimAndUndo(request({ limit: slots, slots, share }));
  const held = new Map<string, number>();
  const inTurn = [1, 2, 3].map((number) => `project ${number}`);
  let free = slots;
  for (let round = 0; round < slots; round++) {
    for (const project of inTurn) {
      const has = held.get(project) ?? 0;
      if (has > round || !mayTakeSlot(has, free, share)) continue;
      held.set(project, has + 1);
      free--;
    }
  }
  expect(Object.fromEntries(Map.groupBy(projects, (project) => project))).toEqual(
    Object.fromEntries([...held].map(([project, count]) => [project, Array<string>(count).fill(project)])),
  );
});
