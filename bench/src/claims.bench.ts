import { randomUUID } from 'node:crypto';
import { Database, claimStatement, migrate } from '@scoria/store';
import pg from 'pg';
import type { BenchCluster } from './cluster.js';
import type { Figure } from './report.js';

const BACKLOGS = [0, 10_000, 100_000];
const PROJECTS = [1, 10, 1000];
const CLAIMS = 100;
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
  const database = await Database.open({ url: url.href, poolSize: 1, statementTimeoutMs: 0 });
  const figures: Figure[] = [];
  try {
    for (const backlog of BACKLOGS) {
      for (const projects of backlog === 0 ? [1] : PROJECTS) {
        await fill(database, backlog, projects);
        const [scoria, floor] = await fastestMs(
          database,
          (index) => claimStatement({ ...REQUEST, after: `project ${index}` }),
          () => [OLDEST_FIRST, [REQUEST.worker.id, REQUEST.queue, REQUEST.definitions, REQUEST.limit]],
        );
        const what = `claim of ${REQUEST.limit}: ${backlog} wait, of ${projects} projects`;
        figures.push({ what, unit: 'ms, the fastest', scoria, floor, better: 'less' });
      }
    }
    return figures;
  } finally {
    await database.close();
  }
}

const REQUEST = {
  worker: { id: randomUUID(), service: 'bench', host: 'bench', leaseSeconds: 30 },
  queue: 'scheduler',
  limit: 16,
  definitions: ['volume.create/1'],
  running: [],
  slots: 16,
  share: 1,
};

async function fill(database: Database, backlog: number, projects: number): Promise<void> {
  await database.query('truncate operations cascade');
  await database.query(
    `insert into operations (id, kind, version, resource_type, resource_id, project_id, user_id, request_id, input,
                             step_name, queue, deadline)
     select gen_random_uuid(), 'volume.create', 1, 'volume', gen_random_uuid(), 'project ' || n % $2::int, 'user',
            'request', '{}', 'place', $3, now() + interval '1 day'
       from generate_series(1, $1::int) n`,
    [backlog, projects, REQUEST.queue],
  );
  await database.query('vacuum analyze operations');
}

type Statement = (index: number) => [sql: string, parameters: unknown[]];

/**
 * The fastest of many runs of each, run in turn: noise only ever adds. Each claim is undone, so that all meet the same
 * backlog; beginning and rolling back is part of it.
 */
async function fastestMs(
  database: Database,
  ...statements: [Statement, Statement]
): Promise<[number, number]> {
  const fastest: [number, number] = [Infinity, Infinity];
  for (let index = 0; index < CLAIMS; index++) {
    for (const side of [0, 1] as const) {
      const begun = performance.now();
      await claimAndUndo(database, ...statements[side](index));
      fastest[side] = Math.min(fastest[side], performance.now() - begun);
    }
  }
  return fastest;
}

async function claimAndUndo(database: Database, sql: string, parameters: unknown[]): Promise<void> {
  const undone = database.transaction(async (tx) => {
    await tx.query(sql, parameters);
    throw new Undone();
  });
  await undone.catch((error: unknown) => {
    if (!(error instanceof Undone)) throw error;
  });
}
