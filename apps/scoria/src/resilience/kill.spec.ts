import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Database } from '@scoria/store';
import { removeTempDirs, waitFor } from '@scoria/testing';
import { audit } from './audit.js';
import { BesiegedCluster, SERVICES } from './besieged-cluster.js';
import { PROJECT, PatientClient } from './patient-client.js';
import { Random } from './random.js';
import { Tenant, type Done } from './workload.js';

const OPERATIONS = Number(process.env['SCORIA_KILL_OPERATIONS'] ?? 100);
const TENANTS = 12;
const KILL_EVERY_MS = 1000;
/** A fast machine is through with its operations before much has been killed; then there are more of them. */
const LEAST_KILLS = 20;
const CONVERGENCE_LIMIT_MS = 60_000;
/** A hundred operations take about a minute on two cores. */
const LIMIT_MS = 180_000 + OPERATIONS * 3000;
const seed = Number(process.env['SCORIA_KILL_SEED'] ?? Date.now() % 1_000_000);

/** Nothing in the storm is reason enough to give anything up. */
const FAILURES = `select kind, step_name, attempt, error from operations where state <> 'succeeded'`;

afterAll(removeTempDirs);

test(
  'killing a random service every second, and the broker once, costs time and not state',
  async () => {
    await using cluster = await BesiegedCluster.open();
    const { state, dataDir } = cluster;
    const disk = join(dataDir, 'images', 'disk.qcow2');
    await promisify(execFile)('qemu-img', ['create', '-f', 'qcow2', disk, '64M']);
    const limits = { quota_set: { volumes: -1, snapshots: -1, gigabytes: -1 } };
    const raised = await new PatientClient(state.apiUrls).request('PUT', `/os-quota-sets/${PROJECT}`, limits);
    expect(raised.status).toBe(200);
    const chance = new Random(seed);
    const calm = new AbortController();
    const kills: Record<string, number> = {};
    const done: Done[] = [];

    const storm = async (): Promise<void> => {
      while (!calm.signal.aborted) {
        await delay(KILL_EVERY_MS);
        const victim = chance.pick(SERVICES);
        await cluster.replace(victim);
        kills[victim] = (kills[victim] ?? 0) + 1;
        if (kills['rabbit'] === undefined && done.length > OPERATIONS / 3) {
          kills['rabbit'] = 1;
          await cluster.replaceBroker();
        }
      }
    };
    let left = OPERATIONS;
    const live = async (number: number): Promise<void> => {
      const urls = number % 2 === 0 ? state.apiUrls : state.apiUrls.toReversed();
      const tenant = new Tenant(`tenant${number}`, new PatientClient(urls), new Random(seed + number + 1));
      while (left-- > 0 || total(kills) < LEAST_KILLS) done.push(await tenant.act());
      // All have been asked for: what is still under way shall come to rest.
      calm.abort();
    };
    const storming = storm();
    try {
      await Promise.all(Array.from({ length: TENANTS }, (_, number) => live(number)));
    } finally {
      calm.abort();
      await storming;
    }

    const began = performance.now();
    await cluster.whole();
    const database = await Database.open({ url: state.databaseUrl, poolSize: 1 });
    try {
      await waitFor(
        () =>
          database.query(
            'select kind, step_name, state, attempt, owner, due_at, error from operations where live',
          ),
        {
          timeoutMs: CONVERGENCE_LIMIT_MS,
          describe: `no live operation (seed ${seed})`,
          until: (rows) => rows.length === 0,
        },
      );
      process.stdout.write(summary(done, kills, (performance.now() - began) / 1000));
      expect(await audit(cluster, database)).toEqual([]);
      expect(await database.query(FAILURES)).toEqual([]);
      expect(done.filter(({ outcome }) => /^refused|still moving/.test(outcome))).toEqual([]);
    } finally {
      await database.close();
    }
  },
  LIMIT_MS,
);

const total = (kills: Record<string, number>): number =>
  Object.values(kills).reduce((sum, count) => sum + count, 0);

function summary(done: Done[], kills: Record<string, number>, seconds: number): string {
  const byKind = [...Map.groupBy(done, ({ kind, outcome }) => `${kind.padEnd(22)} ${outcome}`)].sort();
  const slowest = done.reduce((a, b) => (a.seconds > b.seconds ? a : b));
  return [
    `kill test, seed ${seed}`,
    ...byKind.map(([key, { length }]) => `  ${key.padEnd(42)} ${length}`),
    `  kills: ${Object.entries(kills)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')}`,
    `  at rest ${seconds.toFixed(1)} s after the last kill; slowest: ${slowest.kind}, ${slowest.seconds.toFixed(1)} s\n`,
  ].join('\n');
}
