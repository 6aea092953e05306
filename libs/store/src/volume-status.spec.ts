import { randomUUID } from 'node:crypto';
import { extendVolume } from '@scoria/operations';
import { testDatabase, waitFor, type TestDatabase } from '@scoria/testing';
import { removeAttachment } from './commands/index.js';
import { Database, migrate } from './database.js';
import { insertOperation } from './operations/insert-operation.js';
import { releaseVolume, settleVolumeStatus } from './volume-status.js';

let source: TestDatabase;
let database: Database;
beforeAll(async () => {
  source = await testDatabase({ name: 'store', migrate: async (url) => void (await migrate(url)) });
  database = await Database.open({ url: source.url, poolSize: 3 });
});
afterAll(async () => {
  await database.close();
  await source.drop();
});

interface Seed {
  status: string;
  launched?: boolean;
  hold?: 'detach' | null;
  attachments?: number;
}

/** A volume with attachments that are attached and writable; answers its id. */
async function attached({ status, launched = true, hold = null, attachments = 1 }: Seed): Promise<string> {
  const id = randomUUID();
  await database.query(
    `insert into volumes (id, project_id, user_id, size, status, attach_status, attached_mode, volume_type_id, launched_at,
                          hold, held_at, consumes_quota)
     select $1, 'p', 'u', 1, $2, 'attached', 'rw', id, case when $3 then now() end, $4, case when $4::text is not null then now() end, false
       from volume_types limit 1`,
    [id, status, launched, hold],
  );
  for (let n = 0; n < attachments; n++) {
    await database.query(
      `insert into attachments (id, volume_id, project_id, mode, status) values ($1, $2, 'p', 'rw', 'attached')`,
      [randomUUID(), id],
    );
  }
  return id;
}

/** Takes one attachment away and says what the volume shows then. */
function detach(id: string): Promise<unknown[]> {
  return database.transaction(async (tx) => {
    const [row] = (await tx.query('select id from attachments where volume_id = $1 limit 1', [id])) as {
      id: string;
    }[];
    await removeAttachment(tx, row!.id);
    await settleVolumeStatus(tx, id);
    return shown(tx, id);
  });
}

async function shown(from: Pick<Database, 'query'>, id: string): Promise<unknown[]> {
  const [row] = await from.query<Record<string, unknown>>(
    'select status, attach_status, attached_mode from volumes where id = $1',
    [id],
  );
  return Object.values(row!);
}

describe('a volume whose last attachment goes', () => {
  it.each<[Seed, string]>([
    [{ status: 'in-use' }, 'available'],
    [{ status: 'error' }, 'available'],
    [{ status: 'error_extending' }, 'available'],
    [{ status: 'in-use', hold: 'detach' }, 'detaching'],
    [{ status: 'error_deleting' }, 'error_deleting'],
    [{ status: 'maintenance' }, 'maintenance'],
    [{ status: 'error', launched: false }, 'error'],
  ])('from %j is %s, and shows itself detached', async (seed, status) => {
    expect(await detach(await attached(seed))).toEqual([status, 'detached', null]);
  });

  it('stays with the operation that works on it, and shows itself detached', async () => {
    const id = await attached({ status: 'in-use' });
    await database.transaction(async (tx) => {
      const { operationId } = await insertOperation(tx, {
        definition: extendVolume,
        resourceType: 'volume',
        resourceId: id,
        input: { newSize: 2, oldSize: 1 },
        backend: 'host@file',
        context: { requestId: 'req-1', userId: 'u', projectId: 'p', isAdmin: false, roles: [] },
      });
      await tx.query(`update volumes set status = 'extending', operation_id = $2 where id = $1`, [
        id,
        operationId,
      ]);
    });
    expect(await detach(id)).toEqual(['extending', 'detached', null]);
  });

  it('leaves an error as it is while others are attached', async () => {
    const id = await attached({ status: 'error', attachments: 2 });
    expect(await detach(id)).toEqual(['error', 'attached', 'rw']);
    expect(await detach(id)).toEqual(['available', 'detached', null]);
  });
});

describe('a volume in error without attachments', () => {
  it('is not made available by a detach that finds nothing', async () => {
    const id = await attached({ status: 'error', attachments: 0 });
    await database.query(
      `update volumes set attach_status = 'detached', attached_mode = null where id = $1`,
      [id],
    );
    await database.transaction((tx) => settleVolumeStatus(tx, id));
    expect(await shown(database, id)).toEqual(['error', 'detached', null]);
  });
});

test('an operation that ends while the last attachment goes does not bring its status back', async () => {
  const id = await attached({ status: 'in-use' });
  let ended: Promise<void> | undefined;
  await database.transaction(async (tx) => {
    await tx.query('select from volumes where id = $1 for update', [id]);
    await tx.query('delete from attachments where volume_id = $1', [id]);
    ended = database.transaction((other) => releaseVolume(other, id));
    await waitFor(
      () =>
        database.query(
          `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        ),
      { until: (waiting) => waiting.length === 1 },
    );
  });
  await ended;
  expect(await shown(database, id)).toEqual(['available', 'detached', null]);
});
