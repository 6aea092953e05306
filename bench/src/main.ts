import { BenchCluster } from './cluster.js';
import { benchCreates } from './creates.bench.js';
import { benchPlacements } from './placements.bench.js';
import { benchReads } from './reads.bench.js';
import { machine, table, type Figure } from './report.js';

/** `npm run bench -- [reads|creates|placements]…`: measures, and prints a table. All servers are on loopback. */
const BASE_PORT = 28_770;
const wanted = new Set(process.argv.slice(2));
const asked = (name: string): boolean => wanted.size === 0 || wanted.has(name);
const figures: Figure[] = [];

if (asked('placements')) figures.push(...benchPlacements());
if (asked('creates') || asked('reads')) {
  console.log('starting a cluster');
  using cluster = new BenchCluster(BASE_PORT);
  if (asked('reads')) {
    console.log('reads');
    figures.push(...(await benchReads(cluster)));
  }
  if (asked('creates')) {
    console.log('creates');
    figures.push(...(await benchCreates(cluster)));
  }
}
console.log(`\n${machine()}\n\n${table(figures)}`);
