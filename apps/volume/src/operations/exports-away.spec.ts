import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandRunner } from '@scoria/commands';
import { BackendConfig } from '@scoria/config';
import { loadDriver } from '@scoria/drivers';
import { createExport, endTgtDaemon, tgtAvailable, type ExportProtocol } from '@scoria/exports';
import { describeUnless } from '@scoria/exports/conformance';
import {
  OPERATIONS,
  StepRegistry,
  classify,
  connectAttachment,
  disconnectAttachment,
  extendVolume,
  type OperationDefinition,
  type OperationRecord,
  type StepContext,
} from '@scoria/operations';
import { Database, SecretBox, migrate, type Tx } from '@scoria/store';
import { freePort, removeTempDirs, tempDir, testDatabase, type TestDatabase } from '@scoria/testing';
import { Backend, Backends } from '../backend.js';
import { implementConnectAttachment } from './connect-attachment.js';
import type { StepDeps } from './deps.js';
import { implementDisconnectAttachment } from './disconnect-attachment.js';
import { implementExtendVolume } from './extend-volume.js';

const missing = await tgtAvailable();

const POOL = 'host@file#file';
const QUIET = { debug() {}, info() {}, warn() {}, error() {} };
const CONNECTOR = { initiator: 'iqn.1993-08.org.debian:01:test', host: 'client', multipath: false };
const CONTEXT = { signal: new AbortController().signal } as StepContext;

let source: TestDatabase;
let database: Database;
let directory: string;
let portalPort: number;
let exports: ExportProtocol;
let backend: Backend;
let steps: StepRegistry<Tx>;

describeUnless(missing, 'a host whose iSCSI daemon is away', () => {
  beforeAll(async () => {
    source = await testDatabase({ name: 'store', migrate: async (url) => void (await migrate(url)) });
    database = await Database.open({ url: source.url, poolSize: 2 });
    await database.query(`insert into pools (address, backend, state) values ($1, 'host@file', '{}')`, [
      POOL,
    ]);
    directory = tempDir();
    portalPort = await freePort();
    exports = await daemon();
    const stateDir = join(directory, 'state');
    await mkdir(stateDir);
    const driver = (await loadDriver('file')).create({
      backendName: 'file',
      options: { directory: join(directory, 'volumes') },
      commands: new CommandRunner({ owner: 'exports-away test' }),
      stateDir,
      logger: QUIET,
    });
    await driver.setup();
    backend = new Backend('host', Object.assign(new BackendConfig(), { name: 'file' }), driver, exports);
    const secrets = new SecretBox(Buffer.alloc(32, 7));
    const deps = { database, secrets, backends: new Backends([backend]) } as unknown as StepDeps;
    steps = new StepRegistry<Tx>(OPERATIONS);
    implementConnectAttachment(steps, deps);
    implementDisconnectAttachment(steps, deps);
    implementExtendVolume(steps, deps);
  });

  afterAll(async () => {
    await backend?.driver.close();
    await exports?.close();
    if (directory) await endTgtDaemon(directory);
    await database?.close();
    await source?.drop();
    removeTempDirs();
  });

  /** Starts tgtd, or finds it, and starts it again whenever it dies. */
  async function daemon(): Promise<ExportProtocol> {
    const commands = new CommandRunner({ owner: 'exports-away test' });
    const options = { stateDir: directory, portalAddress: '127.0.0.1', portalPort };
    const protocol = createExport('iscsi', options, { commands });
    await protocol.setup();
    return protocol;
  }

  it.each<[string, OperationDefinition<never>, string, served: boolean]>([
    ['a connect', connectAttachment, 'export', true],
    ['a disconnect', disconnectAttachment, 'unexport', false],
    ['an extend', extendVolume, 'grow', false],
  ])('costs %s time and no try: it is done once the daemon is back', async (_, definition, step, served) => {
    const { volumeId, attachmentId } = await attachment();
    const resourceId = definition === (extendVolume as unknown) ? volumeId : attachmentId;
    const input = { volumeId, connector: CONNECTOR, newSize: 2, oldSize: 1 };
    const operation = { id: randomUUID(), resourceId, backend: 'host@file', input };
    const run = () => steps.handler(definition, step)!.run(operation as unknown as OperationRecord, CONTEXT);

    // Nobody starts it again meanwhile.
    await exports.close();
    await endTgtDaemon(directory);
    const refusal: unknown = await run().catch((error: unknown) => error);
    // Also of its last try.
    expect(classify(refusal, false)).toBe('wait');
    expect(refusal).toMatchObject({
      message: expect.stringContaining('The iSCSI target daemon is not running.'),
      delayMs: 2000,
    });

    const back = await daemon();
    try {
      await run();
      const names = (await back.list()).map((each) => each.attachmentId);
      expect(names.includes(attachmentId)).toBe(served);
    } finally {
      await back.close();
    }
  });

  async function attachment(): Promise<{ volumeId: string; attachmentId: string }> {
    const [volumeId, attachmentId] = [randomUUID(), randomUUID()];
    await database.query(
      `insert into volumes (id, project_id, user_id, size, status, volume_type_id, pool)
       select $1, 'p', 'u', 1, 'in-use', id, $2 from volume_types limit 1`,
      [volumeId, POOL],
    );
    await backend.driver.createVolume(
      backend.volume({ id: volumeId, projectId: 'p', size: 1, pool: POOL }),
      CONTEXT,
    );
    await database.query(
      `insert into attachments (id, volume_id, project_id, status, connector)
       values ($1, $2, 'p', 'attaching', $3)`,
      [attachmentId, volumeId, JSON.stringify(CONNECTOR)],
    );
    return { volumeId, attachmentId };
  }
});
