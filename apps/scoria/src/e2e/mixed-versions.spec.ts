import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { endTgtDaemon } from '@scoria/exports';
import { Database, migrate } from '@scoria/store';
import { freePort, removeTempDirs, tempDir, testDatabase, testRabbit, waitFor } from '@scoria/testing';
import type { TestDatabase, TestRabbit } from '@scoria/testing';
import { iscsiStateDir } from '@scoria/volume';
import { PORTS, memberOf } from '../cluster/layout.js';
import { launchService, stopProcess, untilReady } from '../cluster/processes.js';
import { stateDirOf } from '../cluster/service-config.js';
import type { ClusterState, ProcessState } from '../cluster/state.js';
import { ext4Image } from './support/image.js';
import { User } from './support/user.js';
import { wholeLife } from './support/whole-life.js';

/** Where `npm run mixed-versions` has built the release before this one. */
const PREVIOUS = process.env['SCORIA_PREVIOUS_BUILD'];

type Version = 'old' | 'new';
type Launched = readonly [name: string, version: Version];

/** Who serves, one of each; all of this release is what every other test runs. */
const PAIRINGS = (['old', 'new'] as const).flatMap((api) =>
  (['old', 'new'] as const).flatMap((scheduler) =>
    (['old', 'new'] as const).map((volume) => ({ api, scheduler, volume })),
  ),
);

jest.setTimeout(180_000);

if (PREVIOUS === undefined)
  console.warn('SKIPPED: two releases side by side: this is what `npm run mixed-versions` is for');

(PREVIOUS === undefined ? describe.skip : describe)('two releases side by side', () => {
  let databases: TestDatabase;
  let broker: TestRabbit;
  let database: Database;
  let state: ClusterState;
  let running: ProcessState[] = [];

  beforeAll(async () => {
    // The schema is always that of the later release: it is migrated before anything is restarted.
    databases = await testDatabase({ name: 'store', migrate: async (url) => void (await migrate(url)) });
    broker = await testRabbit();
    database = await Database.open({ url: databases.url, poolSize: 1 });
    const basePort = await freePort(PORTS);
    state = {
      dataDir: tempDir('mixed'),
      basePort,
      databaseUrl: databases.url,
      amqpUrl: broker.url,
      apiUrls: [],
      processes: {},
    };
    await mkdir(join(state.dataDir, 'images'));
    await ext4Image(join(state.dataDir, 'images'));
    await database.query(
      `insert into volume_types (name, extra_specs) values ('file', '{"volume_backend_name": "file"}')`,
    );
  });

  afterEach(async () => {
    await Promise.all(running.map(stopProcess));
    running = [];
  });

  afterAll(async () => {
    for (const host of ['host1', 'host2'])
      await endTgtDaemon(iscsiStateDir({ stateDir: stateDirOf(state, host) }));
    await database.close();
    await databases.drop();
    await broker.release();
    removeTempDirs();
  });

  const program = (version: Version): { program?: string } =>
    version === 'old' ? { program: join(PREVIOUS!, 'apps/scoria/bin/scoria.mjs') } : {};

  /** Starts services, and waits until all are ready. */
  async function start(...members: Launched[]): Promise<void> {
    const launched = await Promise.all(
      members.map(([name, version]) => launchService(state, memberOf(name), program(version))),
    );
    running.push(...launched);
    await Promise.all(launched.map(untilReady));
  }

  const urlOf = (name: string): string => `http://127.0.0.1:${state.basePort + memberOf(name).portOffset}`;

  async function expectAllDone(): Promise<void> {
    const live = await waitFor(() => database.query('select kind from operations where live'), {
      until: (rows) => rows.length === 0,
    });
    expect(live).toEqual([]);
    const ends = await database.query(`select kind, state, error from operations where state <> 'succeeded'`);
    expect(ends).toEqual([]);
    expect(await database.query('select id from volumes')).toEqual([]);
  }

  test.each(PAIRINGS)(
    'api $api, scheduler $scheduler, volume service $volume do everything together',
    async ({ api, scheduler, volume }) => {
      await start(['api1', api]);
      const user = new User({ urls: [urlOf('api1')] });
      // Asked for while nobody is there to do it: found by its doorbell, or by a sweep.
      const early = await user.createVolume({ name: 'early' });
      await start(['volume1', volume]);
      await start(['scheduler1', scheduler]);
      await user.settled('volumes', early);
      const { namespace } = await user.ask<{ namespace: string }>('GET', '/capabilities/host1@file');
      expect(namespace).toContain('host1@file');
      await wholeLife(user, 'disk');
      await user.ask('DELETE', `/volumes/${early}`);
      await user.gone('volumes', early);
      await expectAllDone();
    },
  );

  test('what the release before has begun is finished by this one, and the other way round', async () => {
    for (const [first, second] of [
      ['old', 'new'],
      ['new', 'old'],
    ] as const) {
      await start(['api1', first], ['scheduler1', first], ['volume1', first]);
      const user = new User({ urls: [urlOf('api1')] });
      const source = await user.volume({ name: 'source', imageRef: 'disk' });
      await Promise.all(running.splice(1).map(stopProcess));
      const asked = await Promise.all([
        user.createVolume({ name: 'clone', source_volid: source }),
        user.createVolume({ name: 'image', imageRef: 'disk' }),
      ]);
      await start(['volume1', second]);
      await start(['scheduler1', second]);
      for (const id of asked) await user.settled('volumes', id);
      await user.removeAll();
      await Promise.all(running.splice(0).map(stopProcess));
    }
    await expectAllDone();
  });

  // Last: the second host is gone afterwards, and for a while the schedulers do not know it.
  test('both releases of every service at once serve the same tenants', async () => {
    await start(
      ...(['api1', 'scheduler1', 'volume1'] as const).map((name): Launched => [name, 'old']),
      ...(['api2', 'scheduler2', 'volume2'] as const).map((name): Launched => [name, 'new']),
    );
    const urls = [urlOf('api1'), urlOf('api2')];
    const users = ['one', 'two', 'three'].map((project) => new User({ urls }, project));
    await Promise.all(users.map((user) => wholeLife(user, 'disk')));
    await expectAllDone();
  });
});
