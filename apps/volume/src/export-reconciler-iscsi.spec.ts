import { mkdir } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { CommandRunner } from '@scoria/commands';
import { BackendConfig } from '@scoria/config';
import { loadDriver, type Driver } from '@scoria/drivers';
import { createExport, endTgtDaemon, tgtAvailable, type Chap, type ExportProtocol } from '@scoria/exports';
import { Initiator, describeUnless, initiatorAvailable } from '@scoria/exports/conformance';
import { Database, findAttachment, migrate, SecretBox } from '@scoria/store';
import { freePort, removeTempDirs, tempDir, testDatabase, type TestDatabase } from '@scoria/testing';
import { Backend } from './backend.js';
import { ExportReconciler } from './export-reconciler.js';

const missing = (await tgtAvailable()) ?? (await initiatorAvailable());

const POOL = 'host@file#file';
const QUIET = { debug() {}, info() {}, warn() {}, error() {} };
const CLIENT = 'iqn.1993-08.org.debian:01:test';

describeUnless(missing, 'exports reconciled over iSCSI', () => {
  const secrets = new SecretBox(Buffer.alloc(32, 7));
  const commands = new CommandRunner({ owner: 'reconciler test' });
  let source: TestDatabase;
  let database: Database;
  let directory: string;
  let portalPort: number;
  let driver: Driver;
  let exports: ExportProtocol;
  let backend: Backend;
  let reconciler: ExportReconciler;
  /** Fails the next command with these words among its arguments, as a killed service would. */
  let failing: string[] | undefined;
  /** How many times all targets were listed. */
  let lists = 0;

  beforeAll(async () => {
    source = await testDatabase({ name: 'store', migrate: async (url) => void (await migrate(url)) });
    database = await Database.open({ url: source.url, poolSize: 2 });
    directory = tempDir();
    portalPort = await freePort();
    exports = createExport(
      'iscsi',
      { stateDir: directory, portalAddress: '127.0.0.1', portalPort },
      { commands: { run: (program, args, options) => cutOff(args) ?? commands.run(program, args, options) } },
    );
    await exports.setup();
    const stateDir = join(directory, 'state');
    await mkdir(stateDir);
    const options = { directory: join(directory, 'volumes') };
    driver = (await loadDriver('file')).create({
      backendName: 'file',
      options,
      commands,
      stateDir,
      logger: QUIET,
    });
    await driver.setup();
    backend = new Backend(
      'host',
      Object.assign(new BackendConfig(), { name: 'file', options }),
      driver,
      exports,
    );
    await database.query(`insert into pools (address, backend, state) values ($1, $2, '{}')`, [
      POOL,
      backend.address,
    ]);
    const isUp = (): boolean => true;
    const intervalMs = 3_600_000;
    reconciler = new ExportReconciler([backend], { database, secrets, isUp, logger: QUIET, intervalMs });
  });

  afterAll(async () => {
    await reconciler?.stop();
    await driver?.close();
    await exports?.close();
    if (directory) await endTgtDaemon(directory);
    await database?.close();
    await source?.drop();
    removeTempDirs();
  });

  function cutOff(args: string[]): Promise<never> | undefined {
    if (args.includes('target') && args.includes('show')) lists++;
    if (!failing?.every((word) => args.includes(word))) return undefined;
    failing = undefined;
    return Promise.reject(new Error('cut off'));
  }

  async function attachment(): Promise<string> {
    const [volume, id] = [randomUUID(), randomUUID()];
    await database.query(
      `insert into volumes (id, project_id, user_id, size, status, volume_type_id, pool)
       select $1, $3, 'u', 1, 'in-use', id, $2 from volume_types limit 1`,
      // A project of its own, since each may have ten.
      [volume, POOL, volume],
    );
    await driver.createVolume(backend.volume({ id: volume, projectId: 'p', size: 1, pool: POOL }), {
      signal: new AbortController().signal,
    });
    await database.query(
      `insert into attachments (id, volume_id, project_id, status, exported, connector)
       values ($1, $2, 'p', 'attached', true, $3)`,
      [id, volume, JSON.stringify({ initiator: CLIENT })],
    );
    return id;
  }

  /** The attachment's client, with what it was told when it was connected. */
  async function client(id: string, name = CLIENT): Promise<Initiator> {
    const row = await findAttachment(database, id);
    const { username, password } = secrets.open<Chap>(row!.chap!, id);
    const target = (await exports.list()).find(({ attachmentId }) => attachmentId === id);
    const data = {
      target_portal: `127.0.0.1:${portalPort}`,
      target_iqn: target?.name,
      target_lun: 1,
      auth_username: username,
      auth_password: password,
    };
    return new Initiator({ driver_volume_type: 'iscsi', data }, { name });
  }

  it('an export that was cut off while it was restored is completed by the next look', async () => {
    for (const words of [
      ['account', 'new'],
      ['logicalunit', 'new'],
      ['logicalunit', 'update'],
      ['target', 'bind'],
    ]) {
      const id = await attachment();
      failing = words;
      await reconciler.look();
      expect(failing).toBeUndefined();
      await reconciler.look();
      await (await client(id)).io('read 0 4k');
    }
  });

  it('many exports are restored with a few lists of targets, not one for each', async () => {
    const ids: string[] = [];
    for (let made = 0; made < 40; made++) ids.push(await attachment());
    lists = 0;
    await reconciler.look();
    expect(lists).toBeLessThan(15);
    const served = await exports.list();
    expect(served.filter(({ attachmentId }) => ids.includes(attachmentId!))).toHaveLength(ids.length);
    expect(served.every(({ complete }) => complete)).toBe(true);
  });

  it('an export that is open to whom it was made for before is opened to the right one', async () => {
    const id = await attachment();
    await reconciler.look();
    const other = `${CLIENT}:other`;
    await database.query('update attachments set connector = $2 where id = $1', [
      id,
      JSON.stringify({ initiator: other }),
    ]);
    await reconciler.look();
    await (await client(id, other)).io('read 0 4k');
    await expect((await client(id)).io('read 0 4k')).rejects.toThrow(/not found/i);
  });
});
