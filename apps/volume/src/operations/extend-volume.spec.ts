import { randomUUID } from 'node:crypto';
import { BackendConfig } from '@scoria/config';
import type { Driver } from '@scoria/drivers';
import type { ExportProtocol, RefreshRequest } from '@scoria/exports';
import {
  NotYet,
  OPERATIONS,
  StepRegistry,
  createSnapshot,
  extendVolume,
  type OperationRecord,
  type StepContext,
} from '@scoria/operations';
import { Database, insertOperation, migrate, type Tx } from '@scoria/store';
import { testDatabase, type TestDatabase } from '@scoria/testing';
import { Backend, Backends } from '../backend.js';
import type { StepDeps } from './deps.js';
import { implementExtendVolume } from './extend-volume.js';

const CONTEXT = { signal: new AbortController().signal } as StepContext;

let source: TestDatabase;
let database: Database;
let volumeId: string;
let acts: string[];

beforeAll(async () => {
  source = await testDatabase({ name: 'store', migrate: async (url) => void (await migrate(url)) });
  database = await Database.open({ url: source.url, poolSize: 2 });
  await database.query(`insert into pools (address, backend, state) values ('h@b#p', 'h@b', '{}')`);
});

beforeEach(async () => {
  [volumeId, acts] = [randomUUID(), []];
  await database.query(
    `insert into volumes (id, project_id, user_id, size, status, volume_type_id, pool)
     select $1, 'p', 'u', 1, 'in-use', id, 'h@b#p' from volume_types limit 1`,
    [volumeId],
  );
});

afterAll(async () => {
  await database?.close();
  await source?.drop();
});

async function grow(): Promise<void> {
  const driver = {
    extendVolume: async (_volume: unknown, size: number) => void acts.push(`extend to ${size}`),
    device: async () => ({ path: '/device' }),
  } as unknown as Driver;
  const exports = {
    refreshSize: async ({ attachmentId }: RefreshRequest) => void acts.push(`refresh ${attachmentId}`),
  } as unknown as ExportProtocol;
  const backends = new Backends([
    new Backend('h', Object.assign(new BackendConfig(), { name: 'b' }), driver, exports),
  ]);
  const steps = new StepRegistry<Tx>(OPERATIONS);
  implementExtendVolume(steps, { database, backends } as unknown as StepDeps);
  const input = { newSize: 2, oldSize: 1 };
  const operation = { id: randomUUID(), resourceId: volumeId, backend: 'h@b', input };
  await steps.handler(extendVolume, 'grow')!.run(operation as unknown as OperationRecord, CONTEXT);
}

test('a snapshot that was accepted before is of the size of before: the volume grows when it is taken', async () => {
  const { operationId } = await database.transaction((tx) =>
    insertOperation(tx, {
      definition: createSnapshot,
      resourceType: 'snapshot',
      resourceId: randomUUID(),
      input: { volumeId },
      context: { requestId: 'req', userId: 'u', projectId: 'p', isAdmin: false, roles: [] },
      holds: [{ volumeId }],
    }),
  );
  await expect(grow()).rejects.toBeInstanceOf(NotYet);
  expect(acts).toEqual([]);
  await database.query('delete from operation_holds where operation_id = $1', [operationId]);
  await grow();
  expect(acts).toEqual(['extend to 2']);
});

test('an attachment that is being connected beside it does not keep the old size', async () => {
  const connecting = randomUUID();
  await database.query(
    `insert into attachments (id, volume_id, project_id, status) values ($1, $2, 'p', 'reserved')`,
    [connecting, volumeId],
  );
  await grow();
  expect(acts).toEqual(['extend to 2', `refresh ${connecting}`]);
});
