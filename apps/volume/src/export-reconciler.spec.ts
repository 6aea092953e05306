import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { CommandRunner } from '@scoria/commands';
import { BackendConfig } from '@scoria/config';
import { loadDriver } from '@scoria/drivers';
import { createExport, generateChap } from '@scoria/exports';
import { Database, SecretBox, migrate } from '@scoria/store';
import { prometheusText, startTelemetry } from '@scoria/telemetry';
import { removeTempDirs, tempDir, testDatabase } from '@scoria/testing';
import { Backend } from './backend.js';
import { ExportReconciler } from './export-reconciler.js';

const POOL = 'host@file#file';
const QUIET = { debug() {}, info() {}, warn() {}, error() {} };
const MORE_THAN_AN_HOURS = 103;

afterAll(removeTempDirs);

test('what the reconciler makes, ends, leaves and does not know is counted', async () => {
  const telemetry = await startTelemetry({ service: 'reconciler-test', env: {} });
  await using source = await testDatabase({
    name: 'store',
    migrate: async (url) => void (await migrate(url)),
  });
  const database = await Database.open({ url: source.url, poolSize: 2 });
  const directory = tempDir();
  const stateDir = join(directory, 'state');
  await mkdir(stateDir);
  const commands = new CommandRunner({ owner: 'reconciler test' });
  const options = { directory: join(directory, 'volumes') };
  const driver = (await loadDriver('file')).create({
    backendName: 'file',
    options,
    commands,
    stateDir,
    logger: QUIET,
  });
  await driver.setup();
  const exports = createExport('local', { stateDir }, { commands });
  await exports.setup();
  const backend = new Backend(
    'host',
    Object.assign(new BackendConfig(), { name: 'file', options }),
    driver,
    exports,
  );
  const [volume, attachment] = [randomUUID(), randomUUID()];
  await database.query(`insert into pools (address, backend, state) values ($1, $2, '{}')`, [
    POOL,
    backend.address,
  ]);
  await database.query(
    `insert into volumes (id, project_id, user_id, size, status, volume_type_id, pool)
     select $1, 'p', 'u', 1, 'in-use', id, $2 from volume_types limit 1`,
    [volume, POOL],
  );
  await driver.createVolume(backend.volume({ id: volume, projectId: 'p', size: 1, pool: POOL }), {
    signal: new AbortController().signal,
  });
  const connector = { initiator: 'iqn.1993-08.org.debian:01:test', host: 'client', multipath: false };
  await database.query(
    `insert into attachments (id, volume_id, project_id, status, exported, connector)
     values ($1, $2, 'p', 'attached', true, $3)`,
    [attachment, volume, JSON.stringify(connector)],
  );
  const device = { path: join(directory, 'volumes', 'file', `volume-${volume}`) };
  for (let n = 0; n < MORE_THAN_AN_HOURS; n++) {
    const request = { attachmentId: randomUUID(), volumeId: volume, device, sizeGib: 1, mode: 'rw' as const };
    await exports.ensure({ ...request, connector, chap: generateChap() });
  }
  await writeFile(join(stateDir, 'exports', 'not-ours'), '');

  const reconciler = new ExportReconciler([backend], {
    database,
    secrets: new SecretBox(Buffer.alloc(32, 7)),
    logger: QUIET,
    intervalMs: 3_600_000,
  });
  try {
    await reconciler.start();
    const lines = (await prometheusText()).split('\n');
    for (const line of [
      'scoria_exports_restored_total{backend="host@file"} 1',
      'scoria_exports_ended_total 100',
      'scoria_exports_left 3',
      'scoria_exports_foreign 1',
    ])
      expect(lines).toContain(line);
    // Three without an attachment, the one that has its own, and the one that is not ours.
    expect(await readdir(join(stateDir, 'exports'))).toHaveLength(5);
  } finally {
    await reconciler.stop();
    await driver.close();
    await database.close();
    await telemetry.shutdown();
  }
});
