import { jest } from '@jest/globals';
import { Database } from '@scoria/store';
import { removeTempDirs, waitFor } from '@scoria/testing';
import { MEMBERS, isServer } from '../cluster/layout.js';
import { Cluster } from './support/cluster.js';
import { ext4Image } from './support/image.js';
import { RoundRobinUser } from './support/round-robin-user.js';
import { wholeLife } from './support/whole-life.js';

const TENANTS = 3;

jest.setTimeout(300_000);

let cluster: Cluster;
let database: Database;

beforeAll(async () => {
  cluster = await Cluster.start();
  database = await Database.open({ url: await cluster.databaseUrl(), poolSize: 1 });
  await ext4Image(cluster.imagesDir);
});

afterAll(async () => {
  await database?.close();
  await cluster?.stop();
  removeTempDirs();
});

test('every service is restarted, one after the other, and no request is lost', async () => {
  const users = Array.from(
    { length: TENANTS },
    (_, number) => new RoundRobinUser(cluster, `tenant${number}`),
  );
  let restarting = true;
  const live = async (user: RoundRobinUser): Promise<void> => {
    do await wholeLife(user, 'disk');
    while (restarting);
  };
  const lives = Promise.all(users.map(live));
  // A life that fails ends the test at once.
  const restarts = (async () => {
    for (const { name } of MEMBERS.filter((member) => !isServer(member))) await cluster.restart(name);
  })().finally(() => (restarting = false));
  await Promise.all([lives, restarts]);

  const rows = await waitFor(() => database.query('select kind, step_name from operations where live'), {
    until: (live) => live.length === 0,
    describe: 'everything to be final',
  });
  expect(rows).toEqual([]);
  const ends = await database.query<{ state: string; kind: string; error: unknown }>(
    `select state, kind, error from operations where state <> 'succeeded'`,
  );
  expect(ends).toEqual([]);
  expect(await cluster.storedFiles()).toEqual([]);
  const answers = users.flatMap((user) => [...user.answers]);
  process.stdout.write(`rolling restart: ${summary(answers)}\n`);
  expect(answers.some(([status]) => status === '202')).toBe(true);
});

function summary(answers: [string, number][]): string {
  const sums = new Map<string, number>();
  for (const [status, times] of answers) sums.set(status, (sums.get(status) ?? 0) + times);
  return [...sums].map(([status, times]) => `${status}: ${times}`).join(', ');
}
