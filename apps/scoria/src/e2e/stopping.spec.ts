import { execFile } from 'node:child_process';
import { chmod, mkdir, open, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { jest } from '@jest/globals';
import { endTgtDaemon } from '@scoria/exports';
import { Database, migrate } from '@scoria/store';
import {
  freePort,
  removeTempDirs,
  tempDir,
  testDatabase,
  testRabbit,
  waitFor,
  type TestDatabase,
  type TestRabbit,
} from '@scoria/testing';
import { iscsiStateDir } from '@scoria/volume';
import { PORTS, memberOf } from '../cluster/layout.js';
import { launchService, stopProcess, untilReady } from '../cluster/processes.js';
import { stateDirOf } from '../cluster/service-config.js';
import { stillRuns, type ClusterState, type ProcessState } from '../cluster/state.js';
import { User } from './support/user.js';
import { STOP_LIMIT_MS } from '../run/until-signal.js';

const MIB = 1024 ** 2;
/** For what ends by itself rather than at the limit. */
const WELL_BEFORE_MS = STOP_LIMIT_MS - 4000;

jest.setTimeout(180_000);

let database: Database;
let databases: TestDatabase;
let broker: TestRabbit;
let state: ClusterState;
let user: User;
const running = new Map<string, ProcessState>();

/** Beside the slow qemu-img. */
const file = (name: string): string => join(state.dataDir, 'bin', name);

async function start(...names: string[]): Promise<void> {
  const env = { PATH: `${file('.')}:${process.env['PATH']}` };
  for (const name of names) running.set(name, await launchService(state, memberOf(name), { env }));
  await Promise.all(names.map((name) => untilReady(running.get(name)!)));
}

/** SIGTERM; fails when the process is not gone within what it promises, and a little for a slow machine. */
async function terminate(name: string, limitMs = STOP_LIMIT_MS + 5000): Promise<void> {
  const service = running.get(name)!;
  process.kill(service.pid, 'SIGTERM');
  await waitFor(() => !stillRuns(service), { timeoutMs: limitMs, describe: `${name} to be gone` });
}

beforeAll(async () => {
  databases = await testDatabase({ name: 'store', migrate: async (url) => void (await migrate(url)) });
  broker = await testRabbit();
  database = await Database.open({ url: databases.url, poolSize: 2 });
  const basePort = await freePort(PORTS);
  state = {
    dataDir: tempDir('stopping'),
    basePort,
    databaseUrl: databases.url,
    amqpUrl: broker.url,
    apiUrls: [`http://127.0.0.1:${basePort}`],
    processes: {},
  };
  await mkdir(join(state.dataDir, 'images'));
  await slowQemuImg(join(state.dataDir, 'bin'));
  await start('volume1', 'scheduler1', 'api1');
  user = new User({ urls: state.apiUrls });
  await user.ask('POST', '/types', {
    volume_type: { name: 'file', extra_specs: { volume_backend_name: 'file' } },
  });
});

afterAll(async () => {
  await Promise.all([...running.values()].map(stopProcess));
  await endTgtDaemon(iscsiStateDir({ stateDir: stateDirOf(state, 'host1') }));
  await database.close();
  await databases.drop();
  await broker.release();
  removeTempDirs();
});

/**
 * Puts a qemu-img before the real one, which it runs: its conversions take longer than the pause between checkpoints,
 * and from the second one on for ever, until there is a file `go`.
 */
async function slowQemuImg(dir: string): Promise<void> {
  const { stdout } = await promisify(execFile)('which', ['qemu-img']);
  await mkdir(dir);
  const script = `#!/bin/sh
if [ "$1" = convert ] && [ ! -e ${dir}/go ]; then
  echo "$*" >> ${dir}/before
  [ "$(wc -l < ${dir}/before)" -gt 1 ] && exec sleep 3600
  sleep 4
elif [ "$1" = convert ]; then
  echo "$*" >> ${dir}/after
fi
exec ${stdout.trim()} "$@"
`;
  await writeFile(join(dir, 'qemu-img'), script);
  await chmod(join(dir, 'qemu-img'), 0o755);
}

/** The first byte of each window that was copied. */
const windows = async (name: string): Promise<number[]> =>
  [...(await readFile(file(name), 'utf8')).matchAll(/offset=(\d+),size=\d+,file\.driver=raw/g)].map(
    ([, offset]) => Number(offset),
  );

const operationOf = async (volumeId: string) => {
  const [row] = await database.query<{ owner: string | null; checkpoint: unknown; progress: number }>(
    'select owner, checkpoint, progress from operations where resource_id = $1 and live',
    [volumeId],
  );
  return row;
};

test('a volume service in the middle of a long copy is gone in seconds with its children, and its successor goes on', async () => {
  const raw = join(state.dataDir, 'images', 'disk.raw');
  const disk = await open(raw, 'w');
  await disk.truncate(600 * MIB);
  for (const at of [0, 255, 256, 300, 599])
    await disk.write(Buffer.alloc(MIB, 1 + (at % 250)), 0, MIB, at * MIB);
  await disk.close();
  const packed = raw.replace('.raw', '.qcow2');
  await promisify(execFile)('qemu-img', ['convert', '-O', 'qcow2', raw, packed]);
  await rm(raw);

  const id = await user.createVolume({ imageRef: 'disk' });
  await waitFor(async () => (await windows('before')).length > 1, {
    timeoutMs: 60_000,
    describe: 'the second window',
  });
  const { checkpoint, progress } = (await operationOf(id))!;
  expect(checkpoint).toMatchObject({ converted: 256 * MIB });
  const leaving = running.get('volume1')!;
  expect(await commandsOf(leaving)).not.toEqual([]);
  await terminate('volume1', WELL_BEFORE_MS);
  expect(await commandsOf(leaving)).toEqual([]);
  expect(await operationOf(id)).toMatchObject({ owner: null, checkpoint });

  await writeFile(file('go'), '');
  await start('volume1');
  await user.settled('volumes', id);
  expect((await windows('after'))[0]).toBe(256 * MIB);
  expect(progress).toBeGreaterThan(0);
  const volume = await open(join(stateDirOf(state, 'host1'), 'volumes', 'file', `volume-${id}`));
  for (const at of [0, 255, 256, 300, 599]) {
    const { buffer } = await volume.read(Buffer.alloc(MIB), 0, MIB, at * MIB);
    expect(buffer.equals(Buffer.alloc(MIB, 1 + (at % 250)))).toBe(true);
  }
  await volume.close();
  expect(await readdir(join(stateDirOf(state, 'host1'), 'conversion'))).toEqual([]);
});

/** The commands that a process has started and that still run. */
async function commandsOf({ pid }: ProcessState): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const read = (name: string): Promise<string> => readFile(`/proc/${name}`, 'utf8').catch(() => '');
  const found = await Promise.all(
    pids.map(async (other) =>
      (await read(`${other}/environ`)).includes(`SCORIA_COMMAND_SERVICE=${pid}:`)
        ? [await read(`${other}/cmdline`)]
        : [],
    ),
  );
  return found.flat().filter((command) => !command.includes('tgtd'));
}

test('a scheduler that waits for the database is gone in seconds, and another one places', async () => {
  // Its session may idle in a transaction for longer than those of services.
  const patient = await Database.open({ url: databases.url, poolSize: 1, statementTimeoutMs: 180_000 });
  try {
    const id = await patient.transaction(async (tx) => {
      await tx.query('lock table claims in access exclusive mode');
      const volume = await user.createVolume();
      await waitFor(
        () =>
          database.query(
            `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
          ),
        { until: (rows) => rows.length > 0, describe: 'the scheduler to wait' },
      );
      await terminate('scheduler1');
      return volume;
    });
    await start('scheduler2');
    await user.settled('volumes', id);
  } finally {
    await patient.close();
  }
});

test('a service that has not quite started hands over what it has begun already', async () => {
  // A second one of the same host waits for the first one's storage.
  await start('scheduler1');
  const rival = await launchService(state, { ...memberOf('volume1'), name: 'rival', portOffset: 6 });
  running.set('rival', rival);
  await waitFor(async () => (await readFile(rival.log, 'utf8')).includes('waiting until it ends'), {
    timeoutMs: 60_000,
  });
  expect((await fetch(`${rival.url}/ready`)).status).toBe(503);
  await terminate('rival', WELL_BEFORE_MS);
  expect(await readFile(rival.log, 'utf8')).toContain('"stopping"');
  const left = await database.query(`select from workers where host = 'host1'`);
  expect(left).toHaveLength(1);
});
