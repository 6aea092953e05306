import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endTgtDaemon } from '@scoria/exports';
import { runningPostgres } from '@scoria/local-services';
import { Database, migrate, type DoctorReport, type ShownOperation } from '@scoria/store';
import { freePort, removeTempDirs, tempDir, testDatabase, testRabbit } from '@scoria/testing';
import { iscsiStateDir } from '@scoria/volume';
import { PORTS, memberOf } from '../cluster/layout.js';
import { killProcess, launchService, stopProcess, untilReady } from '../cluster/processes.js';
import { stateDirOf } from '../cluster/service-config.js';
import type { ClusterState } from '../cluster/state.js';
import { SingleProcess } from '../e2e/support/single-process.js';
import { User } from '../e2e/support/user.js';

const SCORIA = fileURLToPath(new URL('../../bin/scoria.mjs', import.meta.url));
const LIMIT_MS = 120_000;
const NOBODY = { SCORIA_CONFIG: undefined, SCORIA_DATABASE_URL: undefined, OS_TOKEN: undefined };

interface Run {
  code: number;
  out: string;
  err: string;
}

/** Runs the command as a person would, without what the environment may name. */
function scoria(...args: string[]): Promise<Run> {
  return new Promise((resolve) => {
    const options = { timeout: LIMIT_MS, env: { ...process.env, ...NOBODY } };
    execFile(process.execPath, [SCORIA, ...args], options, (error, out, err) =>
      resolve({ code: error ? Number(error.code ?? -1) : 0, out, err }),
    );
  });
}

const report = ({ out }: Run): DoctorReport => JSON.parse(out) as DoctorReport;

/** Every row of what the doctor looks at, as one text a table. */
async function picture(database: Database): Promise<Record<string, unknown>[]> {
  const tables = await database.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'public' and tablename not in ('workers', 'services', 'pools')
      order by 1`,
  );
  return Promise.all(
    tables.map(async ({ name }) => {
      const [row] = await database.query<{ rows: string }>(
        `select md5(coalesce(string_agg(t::text, ',' order by t::text), '')) as rows from ${name} t`,
      );
      return { name, ...row };
    }),
  );
}

afterAll(removeTempDirs);

test(
  'the commands find a single-process run by its directory; the doctor says what was planted, and changes nothing',
  async () => {
    const shape = await SingleProcess.start();
    const at = ['--data', shape.dataDir];
    const url = runningPostgres(join(shape.dataDir, 'postgres'))!;
    const database = await Database.open({ url, poolSize: 1 });
    try {
      const user = new User(shape);
      const volume = await user.volume();
      await user.attach(volume, 'iqn.1993-08.org.debian:01:doctor');

      const well = await scoria('doctor', ...at);
      expect(well).toMatchObject({ code: 0, out: expect.stringContaining('Everything agrees.') });
      expect(well.out).toContain('Storage and exports of scoria@file.');

      const files = join(shape.dataDir, 'volumes', 'file');
      const stray = `volume-${randomUUID()}`;
      await writeFile(join(files, stray), 'somebody’s');
      await database.query(`update usages set gigabytes = gigabytes + 5`);
      const before = [await picture(database), await readdir(files), await shape.targets('iqn.x:y')];
      const ill = await scoria('doctor', '--url', shape.urls[0]!, '--json');
      expect(ill.code).toBe(1);
      expect(report(ill).findings.map(({ check, count }) => [check, count])).toEqual([
        ['usage-drift', 2],
        ['item-without-row', 1],
      ]);
      const text = await scoria('doctor', ...at);
      expect(text).toMatchObject({ code: 1, out: expect.stringContaining(`${stray}: scoria@file: 0 GiB`) });
      expect(text.out).toContain('mend: scoria db recount');
      expect([await picture(database), await readdir(files), await shape.targets('iqn.x:y')]).toEqual(before);

      const recounted = await scoria('db', 'recount', ...at);
      expect(recounted).toMatchObject({ code: 0, out: 'Corrected: 0 claims, 0 pools, 2 usages.\n' });

      const list = await scoria('operations', 'list', ...at, '--json', '--resource', volume);
      const [operation] = JSON.parse(list.out) as ShownOperation[];
      expect(operation).toMatchObject({ kind: 'volume.create', state: 'succeeded', resource_id: volume });
      const shown = await scoria('operations', 'show', operation!.id, ...at);
      expect(shown.out).toMatch(/place +done +scheduler on /);
      expect(shown.out).toMatch(/provision +done +volume on scoria/);
      const retried = await scoria('operations', 'retry', operation!.id, ...at);
      expect(retried).toMatchObject({ code: 1, err: expect.stringContaining('it has succeeded.') });
      const cancelled = await scoria('operations', 'cancel', operation!.id, ...at);
      expect(cancelled).toMatchObject({ code: 1, err: expect.stringContaining('it has ended (succeeded).') });
      const abandoned = await scoria('operations', 'abandon', operation!.id, ...at, '--reason', 'no more');
      expect(abandoned).toMatchObject({ code: 1, err: expect.stringContaining('it has ended (succeeded).') });
      expect(await scoria('operations', 'show', 'no-id', ...at)).toMatchObject({ code: 1, out: '' });
    } finally {
      await database.close();
      await shape.stop();
    }
    expect(await scoria('doctor', ...at)).toMatchObject({ code: 2, out: '' });
    expect(await scoria('operations', 'list', ...at)).toMatchObject({
      code: 1,
      err: expect.stringContaining('No Scoria runs in'),
    });
  },
  LIMIT_MS * 2,
);

test(
  'with a configuration the doctor asks the backends over the broker, and names those that do not answer',
  async () => {
    await using source = await testDatabase({
      name: 'store',
      migrate: async (url) => void (await migrate(url)),
    });
    await using broker = await testRabbit();
    const state: ClusterState = {
      dataDir: tempDir('doctor'),
      basePort: await freePort(PORTS),
      databaseUrl: source.url,
      amqpUrl: broker.url,
      apiUrls: [],
      processes: {},
    };
    const volume = await launchService(state, memberOf('volume1'));
    const config = ['--config', join(state.dataDir, 'volume1.yaml'), '--json'];
    try {
      await untilReady(volume);
      const well = await scoria('doctor', ...config);
      expect(report(well)).toMatchObject({
        agreed: true,
        looked: { backends: [{ backend: 'host1@file' }, { backend: 'host1@null', inventory: false }] },
      });
      expect(well.code).toBe(0);
      await killProcess(volume);
      const ill = await scoria('doctor', ...config, '--timeout', '5');
      expect(ill.code).toBe(1);
      expect(report(ill).findings).toMatchObject([{ check: 'backend-silent', count: 2 }]);
    } finally {
      await stopProcess(volume);
      await endTgtDaemon(iscsiStateDir({ stateDir: stateDirOf(state, 'host1') }));
    }
    const nowhere = join(state.dataDir, 'nowhere.yaml');
    await writeFile(nowhere, 'database: { url: "postgres://nobody@127.0.0.1:1/none" }\n');
    expect(await scoria('doctor', '--config', nowhere)).toMatchObject({
      code: 2,
      err: expect.stringContaining('The database does not answer'),
    });
  },
  LIMIT_MS * 2,
);
