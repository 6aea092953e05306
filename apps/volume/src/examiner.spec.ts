import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { CommandRunner } from '@scoria/commands';
import { BackendConfig } from '@scoria/config';
import { loadDriver } from '@scoria/drivers';
import { createExport, endTgtDaemon, generateChap, tgtAvailable, type ExportProtocol } from '@scoria/exports';
import { describeUnless } from '@scoria/exports/conformance';
import { Database, migrate } from '@scoria/store';
import { freePort, removeTempDirs, tempDir, testDatabase, type TestDatabase } from '@scoria/testing';
import { Backend } from './backend.js';
import { Examiner } from './examiner.js';

const missing = await tgtAvailable();

const POOL = 'host@file#file';
const QUIET = { debug() {}, info() {}, warn() {}, error() {} };
const OPTIONS = { signal: new AbortController().signal };

let source: TestDatabase;
let database: Database;
let directory: string;
let exports: ExportProtocol;
let backend: Backend;
let other: Backend;
let up = true;
let examiner: Examiner;

describeUnless(
  missing,
  'a backend that is asked whether its storage and exports are as the database has them',
  () => {
    beforeAll(async () => {
      source = await testDatabase({ name: 'store', migrate: async (url) => void (await migrate(url)) });
      database = await Database.open({ url: source.url, poolSize: 2 });
      directory = tempDir();
      exports = createExport(
        'iscsi',
        { stateDir: directory, portalAddress: '127.0.0.1', portalPort: await freePort() },
        { commands: new CommandRunner({ owner: 'examiner test' }) },
      );
      await exports.setup();
      backend = await fileBackend('file');
      other = await fileBackend('other');
      examiner = new Examiner([backend, other], database, () => up);
      for (const { address } of [backend, other]) {
        await database.query(`insert into pools (address, backend, state) values ($1, $2, '{}')`, [
          `${address}#file`,
          address,
        ]);
      }
    });

    afterAll(async () => {
      for (const one of [backend, other]) await one?.driver.close();
      await exports?.close();
      if (directory) await endTgtDaemon(directory);
      await database?.close();
      await source?.drop();
      removeTempDirs();
    });

    async function fileBackend(name: string): Promise<Backend> {
      const stateDir = join(directory, `state-${name}`);
      await mkdir(stateDir);
      const options = { directory: join(directory, name) };
      const driver = (await loadDriver('file')).create({
        backendName: 'file',
        options,
        commands: new CommandRunner({ owner: 'examiner test' }),
        stateDir,
        logger: QUIET,
      });
      await driver.setup();
      return new Backend('host', Object.assign(new BackendConfig(), { name, options }), driver, exports);
    }

    const pathOf = (name: string): string => join(directory, 'file', 'file', name);

    async function volume(status = 'available'): Promise<string> {
      const id = randomUUID();
      await database.query(
        `insert into volumes (id, project_id, user_id, size, status, volume_type_id, pool)
       select $1, 'p', 'u', 1, $2, id, $3 from volume_types limit 1`,
        [id, status, POOL],
      );
      await backend.driver.createVolume(backend.volume({ id, projectId: 'p', size: 1, pool: POOL }), OPTIONS);
      return id;
    }

    async function attachment(volumeId: string): Promise<string> {
      const id = randomUUID();
      await database.query(
        `insert into attachments (id, volume_id, project_id, status, exported) values ($1, $2, 'p', 'attached', true)`,
        [id, volumeId],
      );
      await serve(id, volumeId);
      return id;
    }

    const serve = (attachmentId: string, volumeId: string) =>
      exports.ensure({
        attachmentId,
        volumeId,
        device: { path: pathOf(`volume-${volumeId}`), discard: true },
        sizeGib: 1,
        mode: 'rw',
        connector: { initiator: 'iqn.1993-08.org.debian:01:test', host: 'client', multipath: false },
        chap: generateChap(),
      });

    /** Behind the service's back. */
    async function takeOffline(attachmentId: string): Promise<void> {
      const commands = new CommandRunner({ owner: 'examiner test' });
      const tgtadm = async (...args: string[]): Promise<string> => {
        const options = { timeoutMs: 30_000, env: { TGT_IPC_SOCKET: join(directory, 'tgtd') } };
        return (await commands.run('tgtadm', ['-C', '1', '--lld', 'iscsi', ...args], options)).stdout;
      };
      const text = await tgtadm('--mode', 'target', '--op', 'show');
      const tid = new RegExp(`^Target (\\d+): .*:${attachmentId}$`, 'm').exec(text)![1]!;
      const lun = ['--mode', 'logicalunit', '--op', 'update', '--tid', tid, '--lun', '1'];
      await tgtadm(...lun, '--params', 'online=0');
    }

    const found = async (queue = backend.queue, limit = 10) =>
      (await examiner.examine(queue, limit)).findings;

    it('says that it agrees, with work going on', async () => {
      await attachment(await volume('in-use'));
      await volume('error');
      expect(await found()).toEqual([]);
      expect(await found(other.queue)).toEqual([]);
    });

    it('names what was planted on the storage, in the rows and among the exports, and changes none of it', async () => {
      const [lost, exported, unserved] = [await volume(), await volume(), await volume('in-use')];
      const stray = `volume-${randomUUID()}`;
      await writeFile(pathOf(stray), 'somebody’s only copy');
      await writeFile(pathOf('notes.txt'), 'not ours');
      await rename(pathOf(`volume-${lost}`), join(directory, 'moved'));
      const orphan = randomUUID();
      await serve(orphan, exported);
      const dark = await attachment(unserved);
      await exports.remove(dark);
      const half = await attachment(await volume('in-use'));
      await takeOffline(half);
      const before = await exports.list();

      const findings = await found();
      expect(Object.fromEntries(findings.map(({ check, subjects }) => [check, subjects]))).toEqual({
        'item-without-row': expect.arrayContaining([
          { subject: stray, detail: expect.stringMatching(/^0 GiB in pool file, changed \d{4}-/) },
          { subject: 'notes.txt', detail: expect.any(String) },
        ]),
        'row-without-item': [{ subject: `volume ${lost}`, detail: 'at rest in the database' }],
        'export-without-attachment': [{ subject: orphan, detail: expect.stringContaining(`:${orphan}`) }],
        'attachment-without-export': expect.arrayContaining([
          { subject: dark, detail: `of volume ${unserved}` },
          { subject: half, detail: expect.stringContaining('served in part') },
        ]),
      });
      const cut = await found(backend.queue, 1);
      expect(cut.find(({ check }) => check === 'item-without-row')).toMatchObject({
        count: 2,
        subjects: { length: 1 },
      });

      expect(await exports.list()).toEqual(before);
      for (const path of [pathOf(stray), pathOf('notes.txt'), join(directory, 'moved')]) await access(path);
      // The other backend of the same daemon does not say it again.
      expect(await found(other.queue)).toEqual([]);
      // A service that has the other backend alone does not take the first one's exports for nobody's.
      const alone = await new Examiner([other], database, () => true).examine(other.queue, 10);
      expect(alone.findings.flatMap(({ subjects }) => subjects)).toMatchObject([{ subject: orphan }]);
    });

    it('does not take for a difference what only one look finds', async () => {
      const [going, coming] = [`volume-${randomUUID()}`, `volume-${randomUUID()}`];
      await writeFile(pathOf(going), 'found by the first look');
      const { driver } = backend;
      let looks = 0;
      const fading = Object.create(driver, {
        inventory: {
          value: async () => {
            if (looks++ === 1) await writeFile(pathOf(coming), 'found by the second look');
            const items = await driver.inventory();
            await rm(pathOf(looks === 1 ? going : coming));
            return items;
          },
        },
      }) as typeof driver;
      const watched = new Backend('host', backend.config, fading, exports);
      const { findings } = await new Examiner([watched, other], database, () => true).examine(
        backend.queue,
        50,
      );
      const strays = findings.find(({ check }) => check === 'item-without-row')?.subjects ?? [];
      const names = strays.map(({ subject }) => subject);
      expect(names).toContain('notes.txt');
      for (const name of [going, coming]) expect(names).not.toContain(name);
      expect(looks).toBe(2);
    });

    it('answers for nobody else, nor while it is not up', async () => {
      await expect(found('volume.elsewhere@file')).rejects.toMatchObject({ kind: 'notFound' });
      up = false;
      await expect(found()).rejects.toMatchObject({ kind: 'unavailable' });
      up = true;
    });
  },
);
