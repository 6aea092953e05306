import { cpuMs, spent, sum, type ProcessGroup } from './cpu.js';
import type { BenchCluster } from './cluster.js';
import { FloorProcess } from './floor-process.js';
import { Client, load } from './load.js';
import type { Figure } from './report.js';
import { seed } from './seed.js';

const VOLUMES = 1000;
const CONCURRENCY = 8;
const ROUNDS = 3;

interface Side {
  origin: string;
  processes: ProcessGroup;
  list: string;
  show: (id: string) => string;
}

/** Listing 100 of 1,000 volumes in detail, and showing one: the gateway against bare Fastify and pg. */
export async function benchReads(cluster: BenchCluster): Promise<Figure[]> {
  const ids = await seed(cluster.file.databaseUrl, VOLUMES);
  using floor = await FloorProcess.start('./floor-server.js', cluster.file.databaseUrl);
  const sides: Record<'scoria' | 'floor', Side> = {
    scoria: {
      origin: cluster.file.apiUrls[0]!,
      processes: cluster.processes('api1', 'postgres'),
      list: '/v3/bench/volumes/detail?limit=100',
      show: (id) => `/v3/bench/volumes/${id}`,
    },
    floor: {
      origin: floor.greeting,
      processes: { floor: floor.pid, ...cluster.processes('postgres') },
      list: '/volumes/detail',
      show: (id) => `/volumes/${id}`,
    },
  };
  return [
    ...(await compare('list 100 of 1,000 in detail', 300, sides, (side) => side.list)),
    ...(await compare('show one volume', 1500, sides, (side, index) => side.show(ids[index % ids.length]!))),
  ];
}

/** Measures both sides in turn, several rounds, and takes each side's best: noise only ever adds. */
async function compare(
  what: string,
  requests: number,
  sides: Record<'scoria' | 'floor', Side>,
  path: (side: Side, index: number) => string,
): Promise<Figure[]> {
  const best = { scoria: { cpu: Infinity, rate: 0 }, floor: { cpu: Infinity, rate: 0 } };
  for (let round = 0; round <= ROUNDS; round++) {
    for (const name of ['scoria', 'floor'] as const) {
      const side = sides[name];
      await using client = new Client(side.origin, CONCURRENCY);
      const before = cpuMs(side.processes);
      const { seconds } = await load(async (index) => void (await client.request('GET', path(side, index))), {
        concurrency: CONCURRENCY,
        requests,
      });
      // PostgreSQL is shared, but only one side runs at a time.
      const cpu = sum(spent(before, cpuMs(side.processes))) / requests;
      if (round === 0) continue; // Warming up.
      best[name] = {
        cpu: Math.min(best[name].cpu, cpu),
        rate: Math.max(best[name].rate, requests / seconds),
      };
    }
  }
  return [
    { what, unit: 'CPU ms, all processes', scoria: best.scoria.cpu, floor: best.floor.cpu, better: 'less' },
    {
      what,
      unit: `requests/s, ${CONCURRENCY} at once`,
      scoria: best.scoria.rate,
      floor: best.floor.rate,
      better: 'more',
    },
  ];
}
