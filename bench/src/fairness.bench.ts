import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { BenchCluster } from './cluster.js';
import { drained } from './drained.js';
import { Client, load } from './load.js';
import type { Figure } from './report.js';
import { seed } from './seed.js';

const IN_FLIGHT = 32;
const ALONE = 20;
const LOOK_MS = 2;

interface Ended {
  ms: number;
  /** Operations of others that ended between its request and its end. */
  before: number;
}

/** One tenant's burst of creates, and then another's first: what has to be waited for. */
export async function benchFairness(cluster: BenchCluster, burst: number): Promise<Figure[]> {
  const { databaseUrl, apiUrls } = cluster.file;
  for (const project of ['burst', 'quiet']) await seed(databaseUrl, 0, project);
  await using client = new Client(apiUrls[0]!, IN_FLIGHT);
  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  try {
    const alone: number[] = [];
    for (let index = 0; index < ALONE; index++) alone.push((await create(client, database)).ms);
    alone.sort((a, b) => a - b);
    // Held up, so that the whole burst waits; else it is done almost as fast as it comes.
    const schedulers = Object.values(cluster.processes('scheduler'));
    for (const pid of schedulers) process.kill(pid, 'SIGSTOP');
    try {
      await load(async () => void (await client.request('POST', '/v3/volumes', BODY, 'bench:burst')), {
        concurrency: IN_FLIGHT,
        requests: burst,
      });
    } finally {
      for (const pid of schedulers) process.kill(pid, 'SIGCONT');
    }
    await someEnded(database, 'burst');
    const { rows } = await database.query<{ waiting: number }>(
      `select count(*)::int as waiting from operations where live and project_id = 'burst'`,
    );
    const first = await create(client, database);
    await drained(databaseUrl);
    const what = `first create of another, in a burst of ${burst}`;
    return [
      {
        what,
        unit: 'operations ended before it; floor: all that waited',
        scoria: first.before,
        floor: rows[0]!.waiting,
        better: 'less',
      },
      {
        what,
        unit: 'ms; floor: median in an idle system',
        scoria: first.ms,
        floor: alone[ALONE / 2]!,
        better: 'less',
      },
    ];
  } finally {
    await database.end();
  }
}

/** Resolves when work has begun again. */
async function someEnded(database: pg.Client, project: string): Promise<void> {
  const some = `select from operations where not live and project_id = $1 limit 1`;
  while ((await database.query(some, [project])).rowCount === 0) await delay(LOOK_MS);
}

const BODY = JSON.stringify({ volume: { size: 1, volume_type: 'null' } });

/** Of the quiet tenant; by the database's own record of when operations began and ended. */
async function create(client: Client, database: pg.Client): Promise<Ended> {
  const { volume } = JSON.parse(await client.request('POST', '/v3/volumes', BODY, 'bench:quiet')) as {
    volume: { id: string };
  };
  for (;;) {
    const { rows } = await database.query<Ended & { state: string }>({
      name: 'ended',
      text: `select o.state, extract(epoch from o.finished_at - o.created_at)::float8 * 1000 as ms,
                    (select count(*)::int from operations b
                      where b.project_id <> o.project_id and b.finished_at between o.created_at and o.finished_at) as before
               from operations o where o.resource_id = $1 and not o.live`,
      values: [volume.id],
    });
    const [ended] = rows;
    if (ended && ended.state !== 'succeeded') throw new Error(`the create ended as ${ended.state}`);
    if (ended) return ended;
    await delay(LOOK_MS);
  }
}
