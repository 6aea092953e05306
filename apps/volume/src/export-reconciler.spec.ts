import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { CommandRunner } from '@scoria/commands';
import { BackendConfig } from '@scoria/config';
import { loadDriver, type Driver } from '@scoria/drivers';
import { createExport, generateChap, type ExportProtocol, type ExportRequest } from '@scoria/exports';
import { Database, SecretBox, migrate } from '@scoria/store';
import { prometheusText, startTelemetry } from '@scoria/telemetry';
import { removeTempDirs, tempDir, testDatabase, type TestDatabase } from '@scoria/testing';
import { Backend } from './backend.js';
import { ExportReconciler } from './export-reconciler.js';

const QUIET = { debug() {}, info() {}, warn() {}, error() {} };
const CONNECTOR = { initiator: 'iqn.1993-08.org.debian:01:test', host: 'client', multipath: false };
const MORE_THAN_AN_HOURS = 103;

let source: TestDatabase;
let database: Database;
let directory: string;
let driver: Driver;
let exports: ExportProtocol;

beforeEach(async () => {
  source = await testDatabase({ name: 'store', migrate: async (url) => void (await migrate(url)) });
  database = await Database.open({ url: source.url, poolSize: 2 });
  directory = tempDir();
  const commands = new CommandRunner({ owner: 'reconciler test' });
  const stateDir = join(directory, 'state');
  await mkdir(stateDir);
  driver = (await loadDriver('file')).create({
    backendName: 'file',
    options: { directory: join(directory, 'volumes') },
    commands,
    stateDir,
    logger: QUIET,
  });
  await driver.setup();
  exports = createExport('local', { stateDir }, { commands });
  await exports.setup();
});

afterEach(async () => {
  await driver.close();
  await database.close();
  await source.drop();
});

afterAll(removeTempDirs);

/** One of the backends that share the exports. Its pool is the one that the driver serves. */
async function backendNamed(name: string, over = exports): Promise<Backend> {
  const backend = new Backend('host', Object.assign(new BackendConfig(), { name }), driver, over);
  await database.query(`insert into pools (address, backend, state) values ($1, $2, '{}')`, [
    `${backend.address}#file`,
    backend.address,
  ]);
  return backend;
}

async function attachmentOn(backend: Backend, exported: boolean): Promise<string> {
  const [volume, attachment] = [randomUUID(), randomUUID()];
  const pool = `${backend.address}#file`;
  await database.query(
    `insert into volumes (id, project_id, user_id, size, status, volume_type_id, pool)
     select $1, 'p', 'u', 1, 'in-use', id, $2 from volume_types limit 1`,
    [volume, pool],
  );
  await driver.createVolume(backend.volume({ id: volume, projectId: 'p', size: 1, pool }), {
    signal: new AbortController().signal,
  });
  await database.query(
    `insert into attachments (id, volume_id, project_id, status, exported, connector)
     values ($1, $2, 'p', 'attached', $3, $4)`,
    [attachment, volume, exported, JSON.stringify(CONNECTOR)],
  );
  return attachment;
}

/** Any device will do. */
async function serve(attachmentId: string): Promise<void> {
  const device = { path: join(directory, 'volumes'), discard: true };
  const request = { attachmentId, volumeId: randomUUID(), device, sizeGib: 1, mode: 'rw' as const };
  await exports.ensure({ ...request, connector: CONNECTOR, chap: generateChap() });
}

/** The exports, to which something happens right after the first is made. */
function interrupted(happens: () => Promise<unknown>): ExportProtocol & { made: ExportRequest[] } {
  const made: ExportRequest[] = [];
  const ensure: ExportProtocol['ensure'] = async (request, options) => {
    const info = await exports.ensure(request, options);
    if (made.push(request) === 1) await happens();
    return info;
  };
  return Object.assign(Object.create(exports) as ExportProtocol, { ensure, made });
}

/** An operation becomes busy with the attachment. */
async function beginOperation(attachment: string, kind: string, columns: string): Promise<void> {
  const operation = randomUUID();
  await database.query(
    `with o as (
       insert into operations (id, kind, version, resource_type, resource_id, project_id, user_id, request_id, input,
                               step_name, queue, deadline)
       values ($1, $3, 1, 'attachment', $2, 'p', 'u', 'r', '{}', 's', 'q', clock_timestamp() + interval '1 day'))
     update attachments set operation_id = $1, ${columns} where id = $2`,
    [operation, attachment, kind],
  );
}

const endOperation = (attachment: string): Promise<unknown> =>
  database.query(
    `with a as (update attachments set operation_id = null where id = $1)
     update operations set state = 'succeeded' where resource_id = $1`,
    [attachment],
  );

const served = async (): Promise<string[]> => (await exports.list()).map(({ name }) => name);

const reconcilerOf = (backends: Backend[], isUp: (backend: Backend) => boolean): ExportReconciler =>
  new ExportReconciler(backends, {
    database,
    secrets: new SecretBox(Buffer.alloc(32, 7)),
    isUp,
    logger: QUIET,
    intervalMs: 3_600_000,
  });

test('what the reconciler makes, ends, leaves and does not know is counted', async () => {
  const telemetry = await startTelemetry({ service: 'reconciler-test', env: {} });
  const backend = await backendNamed('file');
  await attachmentOn(backend, true);
  for (let n = 0; n < MORE_THAN_AN_HOURS; n++) await serve(randomUUID());
  await writeFile(join(directory, 'state', 'exports', 'not-ours'), '');
  const reconciler = reconcilerOf([backend], () => true);
  try {
    await reconciler.look();
    const lines = (await prometheusText()).split('\n');
    for (const line of [
      'scoria_exports_restored_total{backend="host@file"} 1',
      'scoria_exports_ended_total 100',
      'scoria_exports_left 3',
      'scoria_exports_foreign 1',
    ])
      expect(lines).toContain(line);
    // Three without an attachment, the one that has its own, and the one that is not ours.
    expect(await readdir(join(directory, 'state', 'exports'))).toHaveLength(5);
  } finally {
    await reconciler.stop();
    await telemetry.shutdown();
  }
});

test('a backend that cannot start keeps no export of another one down, and its own are left alone', async () => {
  const [broken, sound] = [await backendNamed('broken'), await backendNamed('sound')];
  const lost = await attachmentOn(sound, true);
  const [waiting, working, undecided] = [
    await attachmentOn(broken, true),
    await attachmentOn(broken, true),
    await attachmentOn(broken, false),
  ];
  for (const id of [working, undecided]) await serve(id);
  let mended = false;
  const reconciler = reconcilerOf([broken, sound], (backend) => mended || backend === sound);
  try {
    await reconciler.look();
    expect((await served()).sort()).toEqual([lost, working, undecided].sort());
    mended = true;
    await reconciler.look();
    expect((await served()).sort()).toEqual([lost, working, waiting].sort());
  } finally {
    await reconciler.stop();
  }
});

test('exports that nobody serves yet are not asked for, and a stopped reconciler looks no more', async () => {
  const backend = await backendNamed('file');
  await attachmentOn(backend, true);
  let up = false;
  const reconciler = reconcilerOf([backend], () => up);
  await reconciler.look();
  up = true;
  await reconciler.stop();
  await reconciler.look();
  expect(await served()).toEqual([]);
});

test('exports of a backend that was taken out of the configuration are left alone', async () => {
  const [kept, taken] = [await backendNamed('kept'), await backendNamed('taken')];
  const [mine, theirs, busy, undecided] = [
    await attachmentOn(kept, true),
    await attachmentOn(taken, true),
    await attachmentOn(taken, false),
    await attachmentOn(taken, false),
  ];
  await beginOperation(busy, 'attachment.connect', 'connector = null');
  for (const id of [theirs, busy, undecided]) await serve(id);
  const reconciler = reconcilerOf([kept], () => true);
  try {
    await reconciler.look();
    expect((await served()).sort()).toEqual([mine, theirs, busy].sort());
  } finally {
    await reconciler.stop();
  }
});

test('an export that is connected while others are ended is kept', async () => {
  const backend = await backendNamed('file');
  const [first, second] = [randomUUID(), await attachmentOn(backend, false)];
  for (const id of [first, second]) await serve(id);
  const remove: ExportProtocol['remove'] = async (id) => {
    if (id === first) await database.query('update attachments set exported = true where id = $1', [second]);
    await exports.remove(id);
  };
  const list: ExportProtocol['list'] = async () =>
    (await exports.list()).sort((one) => (one.attachmentId === first ? -1 : 1));
  const over = Object.assign(Object.create(exports) as ExportProtocol, { remove, list });
  const reconciler = reconcilerOf([new Backend('host', backend.config, driver, over)], () => true);
  try {
    await reconciler.look();
    expect(await served()).toEqual([second]);
  } finally {
    await reconciler.stop();
  }
});

test('an export that cannot be ended keeps no other one up, and uses up nothing of the budget', async () => {
  const backend = await backendNamed('file');
  const [stuck, ...others] = Array.from({ length: MORE_THAN_AN_HOURS }, () => randomUUID());
  for (const id of [stuck!, ...others]) await serve(id);
  const remove: ExportProtocol['remove'] = async (id) => {
    if (id === stuck) throw new Error('its device is busy');
    await exports.remove(id);
  };
  const list: ExportProtocol['list'] = async () =>
    (await exports.list()).sort((one) => (one.attachmentId === stuck ? -1 : 1));
  const over = Object.assign(Object.create(exports) as ExportProtocol, { remove, list });
  const reconciler = reconcilerOf([new Backend('host', backend.config, driver, over)], () => true);
  try {
    await reconciler.look();
    expect(await served()).toContain(stuck);
    // Of the 102 others, an hour’s 100 are ended.
    expect(await served()).toHaveLength(3);
  } finally {
    await reconciler.stop();
  }
});

const OTHER = { ...CONNECTOR, initiator: 'iqn.1993-08.org.debian:01:other' };

test('an export made for whom it was before, while a connect changed that, is made again', async () => {
  let attachment = '';
  const over = interrupted(() =>
    database.query('update attachments set connector = $2 where id = $1', [
      attachment,
      JSON.stringify(OTHER),
    ]),
  );
  const backend = await backendNamed('file', over);
  attachment = await attachmentOn(backend, true);
  const reconciler = reconcilerOf([backend], () => true);
  try {
    await reconciler.look();
    await reconciler.look();
    expect(over.made.map(({ connector }) => connector.initiator)).toEqual([
      CONNECTOR.initiator,
      OTHER.initiator,
    ]);
  } finally {
    await reconciler.stop();
  }
});

test('a connect that runs while its export is made keeps it, and gets it for whom it wants when it has ended', async () => {
  let attachment = '';
  const over = interrupted(() =>
    beginOperation(attachment, 'attachment.connect', `connector = '${JSON.stringify(OTHER)}'`),
  );
  const backend = await backendNamed('file', over);
  attachment = await attachmentOn(backend, true);
  const reconciler = reconcilerOf([backend], () => true);
  try {
    await reconciler.look();
    expect(await served()).toEqual([attachment]);
    await reconciler.look();
    expect(over.made).toHaveLength(1);
    await endOperation(attachment);
    await reconciler.look();
    expect(over.made.at(-1)?.connector).toEqual(OTHER);
    expect(over.made).toHaveLength(2);
  } finally {
    await reconciler.stop();
  }
});

test('an export that is made while its detach runs does not outlive it', async () => {
  let attachment = '';
  const over = interrupted(() => beginOperation(attachment, 'attachment.disconnect', `status = 'detaching'`));
  const backend = await backendNamed('file', over);
  attachment = await attachmentOn(backend, true);
  const reconciler = reconcilerOf([backend], () => true);
  try {
    await reconciler.look();
    expect(over.made).toHaveLength(1);
    expect(await served()).toEqual([]);
  } finally {
    await reconciler.stop();
  }
});
