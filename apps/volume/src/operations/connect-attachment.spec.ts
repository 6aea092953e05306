import { randomUUID } from 'node:crypto';
import { BackendConfig } from '@scoria/config';
import { Fault } from '@scoria/domain';
import type { Driver } from '@scoria/drivers';
import { generateChap, type ExportProtocol, type ExportRequest } from '@scoria/exports';
import {
  OPERATIONS,
  StepRegistry,
  connectAttachment,
  type ConnectAttachmentInput,
  type OperationRecord,
  type StepContext,
  type StepResult,
} from '@scoria/operations';
import { Database, SecretBox, migrate, type Tx } from '@scoria/store';
import { testDatabase, type TestDatabase } from '@scoria/testing';
import { Backend, Backends } from '../backend.js';
import { implementConnectAttachment } from './connect-attachment.js';
import type { StepDeps } from './deps.js';

const OLD = { initiator: 'iqn.1993-08.org.debian:01:old', host: 'old' };
const NEW = { initiator: 'iqn.1993-08.org.debian:01:new', host: 'new' };
const CONTEXT = { signal: new AbortController().signal } as StepContext;

let source: TestDatabase;
let database: Database;
let asked: string[];
let failure: Error | undefined;

beforeAll(async () => {
  source = await testDatabase({ name: 'store', migrate: async (url) => void (await migrate(url)) });
  database = await Database.open({ url: source.url, poolSize: 2 });
  await database.query(`insert into pools (address, backend, state) values ('h@b#p', 'h@b', '{}')`);
});

beforeEach(() => {
  [asked, failure] = [[], undefined];
});

afterAll(async () => {
  await database?.close();
  await source?.drop();
});

/** Notes what is asked of the export, in place of a target daemon. */
const exports = {
  ensure: async ({ connector, mode }: ExportRequest) => {
    asked.push(`ensure for ${connector.host} ${mode}`);
    if (failure) throw failure;
    return { driver_volume_type: 'iscsi', data: {} };
  },
  remove: async () => void asked.push('remove'),
} as unknown as ExportProtocol;

async function undo(exported: boolean, previous?: ConnectAttachmentInput['previous']): Promise<boolean> {
  const driver = { device: async () => ({ path: '/device' }) } as unknown as Driver;
  const secrets = new SecretBox(Buffer.alloc(32, 7));
  const backends = new Backends([
    new Backend('h', Object.assign(new BackendConfig(), { name: 'b' }), driver, exports),
  ]);
  const steps = new StepRegistry<Tx>(OPERATIONS);
  implementConnectAttachment(steps, { database, backends, secrets } as unknown as StepDeps);
  const [volumeId, id] = [randomUUID(), randomUUID()];
  await database.query(
    `insert into volumes (id, project_id, user_id, size, status, volume_type_id, pool)
     select $1, 'p', 'u', 1, 'in-use', id, 'h@b#p' from volume_types limit 1`,
    [volumeId],
  );
  await database.query(
    `insert into attachments (id, volume_id, project_id, status, exported, connector, chap)
     values ($1, $2, 'p', 'attached', $3, $4, $5)`,
    [id, volumeId, exported, JSON.stringify(NEW), secrets.seal(generateChap(), id)],
  );
  const input: ConnectAttachmentInput = { volumeId, connector: NEW, ...(previous ? { previous } : {}) };
  const operation = { resourceId: id, backend: 'h@b', input } as unknown as OperationRecord;
  const result = (await steps.handler(connectAttachment, 'export')!.undo!(operation, CONTEXT)) as
    StepResult<Tx> | undefined;
  if (result?.commit) await database.transaction(async (tx) => result.commit!(tx));
  const [row] = await database.query<{ exported: boolean }>(
    'select exported from attachments where id = $1',
    [id],
  );
  return row!.exported;
}

const PREVIOUS = { connector: OLD, mode: 'ro' as const, attachedHost: 'old', mountpoint: null };

describe('the undo of a connect', () => {
  it('takes away the export that it may have begun to make', async () => {
    expect(await undo(false)).toBe(false);
    expect(asked).toEqual(['remove']);
  });

  it('takes no disk from the server that uses the export of before', async () => {
    expect(await undo(true, PREVIOUS)).toBe(true);
    expect(asked).toEqual(['ensure for old ro']);
  });

  it('leaves an export as its row has it when the request told of none before', async () => {
    expect(await undo(true)).toBe(true);
    expect(asked).toEqual(['ensure for new rw']);
  });

  it('is tried again while the daemon is away, and not for bytes that are gone', async () => {
    failure = new Fault('unavailable', 'tgtd is away');
    await expect(undo(true, PREVIOUS)).rejects.toThrow('tgtd is away');
    failure = new Fault('notFound', 'The volume is not on the storage.');
    expect(await undo(true, PREVIOUS)).toBe(true);
    expect(asked).not.toContain('remove');
  });
});
