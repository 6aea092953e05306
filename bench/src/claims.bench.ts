import { randomUUID } from 'node:crypto';
import { Database, claimStatement, migrate } from '@scoria/store';
import pg from 'pg';
import type { BenchCluster } from './cluster.js';
import type { Figure } from './report.js';

const BACKLOGS = [0, 10_000, 100_000];
const PROJECTS = [1, 10, 1000];
const LIMIT = 16;
const CLAIMS = 40;
const DATABASE = 'bench_claims';

/** The floor: the oldest first, whosever they are. Such a claim is as unfair as it is simple. */
const OLDEST_FIRST = `with due as materialized (
  select id, owner as previous_owner from operations
   where live and queue = $2 and due_at <= now() and kind || '/' || version = any($3)
     and (owner is null or owner = $1
          or not exists (select from workers w where w.id = owner and w.lease_until > now()))
   order by due_at limit $4 for no key update skip locked)
 update operations o set owner = $1, generation = o.generation + 1, updated_at = clock_timestamp()
   from due where o.id = due.id returning o.*, due.previous_owner`;

class Undone extends Error {}

/** What one claim costs the database, by the backlog and by the number of projects that it belongs to. */
export async function benchClaims(cluster: BenchCluster): Promise<Figure[]> {
  const { databaseUrl } = cluster.file;
  const admin = new pg.Client({ connectionString: databaseUrl });
  await admin.connect();
  await admin.query(`create database ${DATABASE}`);
  await admin.end();
  const url = new URL(databaseUrl);
  url.pathname = `/${DATABASE}`;
  await migrate(url.href);
  const database = await Database.open({ url: url.href, poolSize: 1 });
  const figures: Figure[] = [];
  try {
    for (const backlog of BACKLOGS) {
      for (const projects of backlog === 0 ? [1] : PROJECTS) {
        await fill(database, backlog, projects);
        const floor = await medianMs(database, () => [OLDEST_FIRST, [WORKER.id, QUEUE, DEFINITIONS, LIMIT]]);
        const scoria = await medianMs(database, (index) =>
          claimStatement({
            worker: WORKER,
            queue: QUEUE,
            limit: LIMIT,
            definitions: DEFINITIONS,
            running: [],
            slots: LIMIT,
            share: 1,
            after: `project ${index}`,
          }),
        );
        const what = `claim of ${LIMIT}: ${backlog} wait, of ${projects} projects`;
        figures.push({ what, unit: 'median ms', scoria, floor, better: 'less' });
      }
    }
    return figures;
  } finally {
    await database.close();
  }
}

const WORKER = { id: randomUUID(), service: 'bench', host: 'bench', leaseSeconds: 30 };
const QUEUE = 'scheduler';
const DEFINITIONS = ['volume.create/1'];

async function fill(database: Database, backlog: number, projects: number): Promise<void> {
  await database.query('truncate operations cascade');
  await database.query(
    `insert into operations (id, kind, version, resource_type, resource_id, project_id, user_id, request_id, input,
                             step_name, queue, deadline)
     select gen_random_uuid(), 'volume.create', 1, 'volume', gen_random_uuid(), 'project ' || n % $2::int, 'user',
            'request', '{}', 'place', '${QUEUE}', now() + interval '1 day'
       from generate_series(1, $1::int) n`,
    [backlog, projects],
  );
  await database.query('vacuum analyze operations');
}

/** Each claim is undone, so that all meet the same backlog; beginning and rolling back is part of both sides. */
async function medianMs(
  database: Database,
  statement: (index: number) => [sql: string, parameters: unknown[]],
): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < CLAIMS; index++) {
    const [sql, parameters] = statement(index);
    const begun = performance.now();
    await database
      .transaction(async (tx) => {
        await tx.query(sql, parameters);
        throw new Undone();
      })
      .catch((error: unknown) => {
        if (!(error instanceof Undone)) throw error;
      });
    times.push(performance.now() - begun);
  }
  times.sort((a, b) => a - b);
  return times[CLAIMS / 2]!;
}
