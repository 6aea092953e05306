import { readFileSync } from 'node:fs';
import type { BenchCluster } from './cluster.js';
import { loadApart } from './cores.js';
import { cpuMs, spent, sum } from './cpu.js';
import { drained } from './drained.js';
import { Client, load } from './load.js';
import { openLoop, percentile, type OpenLoopOptions } from './open-loop.js';
import type { Figure } from './report.js';
import { seed } from './seed.js';

/** Tenants among whom the load is spread evenly. */
const PROJECTS = 8;
const VOLUMES = 1000;
const PEAK_IN_FLIGHT = 32;
const PEAK_SECONDS = 10;
const OVERLOAD = 4;
const OVERLOAD_SECONDS = 15;

type Kind = Pick<OpenLoopOptions, 'request'> & { what: string };

const token = (index: number): string => `bench:bench${index % PROJECTS}`;

const KINDS: readonly Kind[] = [
  {
    what: 'list 100 of 1,000 in detail',
    request: () => ({ method: 'GET', path: '/v3/volumes/detail?limit=100', token: 'bench:bench' }),
  },
  {
    what: 'create',
    request: (index) => ({
      method: 'POST',
      path: '/v3/volumes',
      token: token(index),
      body: JSON.stringify({ volume: { size: 1, volume_type: 'null' } }),
    }),
  },
];

/** One api with four times as many requests as it can serve: what it still serves, and how it says no. */
export async function benchOverload(cluster: BenchCluster): Promise<Figure[]> {
  const { databaseUrl, apiUrls } = cluster.file;
  await seed(databaseUrl, VOLUMES);
  for (let index = 0; index < PROJECTS; index++) await seed(databaseUrl, 0, `bench${index}`);
  const origin = apiUrls[0]!;
  using _ = loadApart(cluster.processes(''));
  const group = cluster.processes('api1');
  const api = group['api1']!;
  const figures: Figure[] = [];
  for (const kind of KINDS) {
    const beforePeak = cpuMs(group);
    const peak = await peakOf(origin, kind);
    const cpuOfServed = sum(spent(beforePeak, cpuMs(group))) / peak.served;
    await drained(databaseUrl);
    const memory = residentMib(api);
    const before = cpuMs(group);
    const { seconds, served, refused, failed } = await openLoop({
      origin,
      rate: peak.rate * OVERLOAD,
      seconds: OVERLOAD_SECONDS,
      request: kind.request,
    });
    const after = residentMib(api);
    const cpu = sum(spent(before, cpuMs(group))) - served.length * cpuOfServed;
    await drained(databaseUrl);
    const what = `${OVERLOAD}× ${kind.what}`;
    figures.push(
      {
        what,
        unit: 'served per second; floor: its peak',
        scoria: served.length / seconds,
        floor: peak.rate,
        better: 'more',
      },
      { what, unit: 'p50 ms of the served', scoria: percentile(served, 0.5) },
      { what, unit: 'p99 ms of the served', scoria: percentile(served, 0.99) },
      {
        what,
        unit: 'CPU ms of the api for a refusal; floor: for a served one',
        scoria: cpu / refused.length,
        floor: cpuOfServed,
      },
      {
        what,
        unit: 'refusals within 50 ms, part of all',
        scoria: refused.filter((ms) => ms <= 50).length / refused.length,
      },
      { what, unit: 'p50 ms of refusals', scoria: percentile(refused, 0.5) },
      { what, unit: 'p99 ms of refusals', scoria: percentile(refused, 0.99) },
      { what, unit: 'refused, part of all', scoria: refused.length / (refused.length + served.length) },
      { what, unit: 'answers of other kinds', scoria: failed },
      { what, unit: 'MiB of the api; floor: before', scoria: after, floor: memory, better: 'less' },
    );
  }
  return figures;
}

/** Served in a second with so many in flight that more would not serve more. */
async function peakOf(origin: string, { request }: Kind): Promise<{ rate: number; served: number }> {
  await using client = new Client(origin, PEAK_IN_FLIGHT);
  const until = performance.now() + PEAK_SECONDS * 1000;
  let served = 0;
  const { seconds } = await load(
    async (index) => {
      const { method, path, token: as, body } = request(index);
      await client.request(method, path, body, as);
      served++;
    },
    { concurrency: PEAK_IN_FLIGHT, requests: Infinity, until },
  );
  return { rate: served / seconds, served };
}

function residentMib(pid: number): number {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
  return (pages * 4096) / 2 ** 20;
}
