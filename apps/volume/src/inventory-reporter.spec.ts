import { access, mkdir, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { CommandRunner } from '@scoria/commands';
import { BackendConfig } from '@scoria/config';
import { loadDriver } from '@scoria/drivers';
import { createExport } from '@scoria/exports';
import { Database, migrate, publishPools } from '@scoria/store';
import { tempDir, testDatabase, waitFor, type TestDatabase } from '@scoria/testing';
import { Backend } from './backend.js';
import { InventoryReporter } from './inventory-reporter.js';

let source: TestDatabase;
let database: Database;
let directory: string;
let backend: Backend;

const lines: { fields: Record<string, unknown>; message: string }[] = [];
const note = (fields: object, message: string): void => void lines.push({ fields: { ...fields }, message });
const logger = { debug: note, info: note, warn: note, error: note };
const driverLogger = { debug() {}, info() {}, warn() {}, error() {} };

beforeAll(async () => {
  source = await testDatabase({ name: 'store', migrate: async (url) => void (await migrate(url)) });
  database = await Database.open({ url: source.url, poolSize: 2 });
  directory = await tempDir();
  const stateDir = join(directory, 'state');
  await mkdir(stateDir);
  const commands = new CommandRunner({ owner: 'inventory test' });
  const options = { directory: join(directory, 'volumes') };
  const driver = (await loadDriver('file')).create({
    backendName: 'file',
    options,
    commands,
    stateDir,
    logger: driverLogger,
  });
  await driver.setup();
  const config = Object.assign(new BackendConfig(), { name: 'file', driver: 'file', options });
  backend = new Backend('host', config, driver, createExport('local', { stateDir }, { commands }));
});

afterAll(async () => {
  await backend?.driver.close();
  await database?.close();
  await source?.drop();
});

test('a file without a row is reported with its age and left alone; a row without its file is reported', async () => {
  const stray = join(directory, 'volumes', 'file', `volume-${randomUUID()}`);
  await writeFile(stray, Buffer.alloc(4096));
  const lost = randomUUID();
  await publishPools(database, backend.address, []);
  await database.query(`insert into pools (address, backend, state) values ('host@file#file', $1, '{}')`, [
    backend.address,
  ]);
  await database.query(
    `insert into volumes (id, project_id, user_id, size, status, volume_type_id, pool)
     select $1, 'p', 'u', 1, 'available', id, 'host@file#file' from volume_types`,
    [lost],
  );
  const reporter = new InventoryReporter(backend, database, logger, 20);
  reporter.start();
  try {
    await waitFor(() => lines.length >= 2, { timeoutMs: 20_000, describe: 'two findings' });
    expect(lines.map(({ fields, message }) => [fields['name'] ?? fields['item'], message])).toEqual(
      expect.arrayContaining([
        [stray.split('/').at(-1), 'on the storage, but in no row: left alone'],
        [`volume ${lost}`, 'in the database, but not on the storage'],
      ]),
    );
    expect(lines.find(({ fields }) => fields['name'])?.fields).toMatchObject({ ageHours: 0 });
    await access(stray);
  } finally {
    await reporter.stop();
  }
});
