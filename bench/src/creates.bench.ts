import pg from 'pg';
import { cpuMs, spent, sum } from './cpu.js';
import type { BenchCluster } from './cluster.js';
import { FloorProcess } from './floor-process.js';
import { Client, load } from './load.js';
import type { Figure } from './report.js';
import { seed } from './seed.js';

const CREATES = 500;
const IN_FLIGHT = 16;
const ALONE = 40;

interface FloorResult {
  ms: number;
  cpuMs: number;
  aloneMs: number;
}

/**
 * From the request to `available`, with a driver that does nothing; and back to nothing. The floor is a row, two
 * confirmed messages and an update.
 */
export async function benchCreates(cluster: BenchCluster): Promise<Figure[]> {
  await seed(cluster.file.databaseUrl, 0); // For its quota.
  const servers = cluster.processes('postgres', 'rabbit');
  const beforeFloor = cpuMs(servers);
  using floorProcess = await FloorProcess.start(
    './floor-pipeline.js',
    cluster.file.databaseUrl,
    cluster.file.amqpUrl,
    String(CREATES),
    String(IN_FLIGHT),
  );
  const floor = JSON.parse(floorProcess.greeting) as FloorResult;
  const floorCpu = (floor.cpuMs + sum(spent(beforeFloor, cpuMs(servers)))) / CREATES;

  await using clients = new Client(cluster.file.apiUrls[0]!, IN_FLIGHT);
  const watch = new pg.Client({ connectionString: cluster.file.databaseUrl });
  await watch.connect();
  try {
    const all = cluster.processes('');
    await createAndWait(clients, watch, 50, 4);
    const before = cpuMs(all);
    const creates = await createAndWait(clients, watch, CREATES, IN_FLIGHT);
    const createCpu = sum(spent(before, cpuMs(all))) / CREATES;
    const alone = await createAndWait(clients, watch, ALONE, 1);
    const beforeDeletes = cpuMs(all);
    const deletes = await deleteAndWait(clients, watch);
    const deleteCpu = sum(spent(beforeDeletes, cpuMs(all))) / deletes;
    return [
      {
        what: 'create → available',
        unit: 'CPU ms, all processes',
        scoria: createCpu,
        floor: floorCpu,
        better: 'less',
      },
      {
        what: `create → available, ${IN_FLIGHT} in flight`,
        unit: 'per second',
        scoria: CREATES / creates.seconds,
        floor: CREATES / (floor.ms / 1000),
        better: 'more',
      },
      {
        what: 'create → available, alone',
        unit: 'p50 ms',
        scoria: alone.p50,
        floor: floor.aloneMs,
        better: 'less',
      },
      {
        what: 'delete → gone',
        unit: 'CPU ms, all processes',
        scoria: deleteCpu,
        floor: floorCpu,
        better: 'less',
      },
    ];
  } finally {
    await watch.end();
  }
}

/** The wait looks into the database every few milliseconds, one statement for all that are awaited. */
async function createAndWait(client: Client, watch: pg.Client, requests: number, concurrency: number) {
  const watcher = new Watcher(watch);
  const result = await load(
    async () => {
      const body = { volume: { size: 1, volume_type: 'null' } };
      const { volume } = JSON.parse(await client.request('POST', '/v3/bench/volumes', body)) as {
        volume: { id: string };
      };
      await watcher.available(volume.id);
    },
    { concurrency, requests },
  );
  watcher.stop();
  return result;
}

async function deleteAndWait(client: Client, watch: pg.Client): Promise<number> {
  const { rows } = await watch.query<{ id: string }>(
    `select id from volumes where pool is not null and project_id = 'bench'`,
  );
  await load(async (index) => void (await client.request('DELETE', `/v3/bench/volumes/${rows[index]!.id}`)), {
    concurrency: IN_FLIGHT,
    requests: rows.length,
  });
  for (;;) {
    const { rows: left } = await watch.query(
      `select from volumes where pool is not null and project_id = 'bench' limit 1`,
    );
    if (left.length === 0) return rows.length;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const LOOK_MS = 3;

class Watcher {
  private readonly waiting = new Map<string, () => void>();
  private running = true;

  constructor(private readonly client: pg.Client) {
    void this.look();
  }

  available(id: string): Promise<void> {
    return new Promise((resolve) => this.waiting.set(id, resolve));
  }

  stop(): void {
    this.running = false;
  }

  private async look(): Promise<void> {
    while (this.running) {
      const ids = [...this.waiting.keys()];
      const { rows } = await this.client.query<{ id: string; status: string }>({
        name: 'settled',
        text: `select id, status from volumes where id = any($1) and operation_id is null`,
        values: [ids],
      });
      for (const { id, status } of rows) {
        if (status !== 'available') throw new Error(`volume ${id} is ${status}`);
        this.waiting.get(id)?.();
        this.waiting.delete(id);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
}
