import { parseArgs } from 'node:util';
import { benchClaims } from './claims.bench.js';
import { BenchCluster } from './cluster.js';
import { benchCreates } from './creates.bench.js';
import { benchFairness } from './fairness.bench.js';
import { benchOverload } from './overload.bench.js';
import { benchPlacements } from './placements.bench.js';
import { benchReads } from './reads.bench.js';
import { machine, table, type Figure } from './report.js';

/**
 * `npm run bench -- [--burst N] [reads|creates|placements|claims|fairness|overload]…`: measures, and prints a table. All
 * servers are on loopback.
 */
const BASE_PORT = 28_770;
const MAX_BURST = 10_000;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    burst: { type: 'string', default: '2000' },
    'base-port': { type: 'string', default: String(BASE_PORT) },
  },
});
const burst = Number(values.burst);
if (!Number.isInteger(burst) || burst < 1 || burst > MAX_BURST)
  throw new Error(`--burst takes 1 to ${MAX_BURST}`);

/** In this order, each over the cluster that all share. */
const BENCHES: Record<string, (cluster: BenchCluster) => Promise<Figure[]>> = {
  reads: benchReads,
  creates: benchCreates,
  claims: benchClaims,
  fairness: (cluster) => benchFairness(cluster, burst),
  overload: benchOverload,
};
const wanted = new Set(positionals);
const asked = (name: string): boolean => wanted.size === 0 || wanted.has(name);
for (const name of wanted) {
  if (name !== 'placements' && !BENCHES[name]) throw new Error(`there is no benchmark ${name}`);
}
const figures: Figure[] = [];

if (asked('placements')) figures.push(...benchPlacements());
const onCluster = Object.entries(BENCHES).filter(([name]) => asked(name));
if (onCluster.length > 0) {
  console.log('starting a cluster');
  using cluster = new BenchCluster(Number(values['base-port']));
  for (const [name, bench] of onCluster) {
    console.log(name);
    figures.push(...(await bench(cluster)));
  }
}
console.log(`\n${machine()}\n\n${table(figures)}`);
