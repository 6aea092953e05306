import { randomUUID } from 'node:crypto';
import { Database, migrate } from '@scoria/store';
import { testDatabase, type TestDatabase } from '@scoria/testing';
import type { Scene } from './check.js';
import { rowsCheck } from './rows.check.js';

const NO_FAILURE = 'an error status that no operation has left, and nobody has set';
const STILL_THERE = 'what an operation has removed with success, and what is still there';

let source: TestDatabase;
let database: Database;

beforeAll(async () => {
  source = await testDatabase({ name: 'store', migrate: async (url) => void (await migrate(url)) });
  database = await Database.open({ url: source.url, poolSize: 2 });
});
beforeEach(() => database.query('truncate volumes, snapshots, attachments, operations, events cascade'));
afterAll(async () => {
  await database?.close();
  await source?.drop();
});

/** What the check finds of these, whatever else the rows of a test lack. */
async function found(): Promise<string[]> {
  const findings = await rowsCheck.look({ database } as Scene);
  return findings.map(({ what }) => what).filter((what) => [NO_FAILURE, STILL_THERE].includes(what));
}

async function volume(status: string): Promise<string> {
  const id = randomUUID();
  await database.query(
    `insert into volumes (id, project_id, user_id, size, status, volume_type_id)
     select $1, 'p', 'u', 1, $2, id from volume_types limit 1`,
    [id, status],
  );
  return id;
}

async function snapshot(volumeId: string, status: string): Promise<string> {
  const id = randomUUID();
  await database.query(
    `insert into snapshots (id, project_id, user_id, volume_id, volume_size, volume_type_id, status)
     select $1, 'p', 'u', $2, 1, id, $3 from volume_types limit 1`,
    [id, volumeId, status],
  );
  return id;
}

async function attachment(volumeId: string, status: string): Promise<string> {
  const id = randomUUID();
  await database.query(
    `insert into attachments (id, volume_id, project_id, status) values ($1, $2, 'p', $3)`,
    [id, volumeId, status],
  );
  return id;
}

/** An operation of a resource that has ended so. */
const ended = (kind: string, resourceId: string, state: string): Promise<unknown> =>
  database.query(
    `insert into operations (id, kind, version, resource_type, resource_id, project_id, user_id, request_id, input, state, step_name, queue, deadline)
     values ($1, $2, 1, split_part($2, '.', 1), $3, 'p', 'u', 'req-1', '{}', $4, '', 'q', now())`,
    [randomUUID(), kind, resourceId, state],
  );

test('an error that no operation has left is found, and one that a failed operation of its kind has left is not', async () => {
  const volumes = {
    error: 'volume.create',
    error_extending: 'volume.extend',
    error_deleting: 'volume.delete',
  };
  for (const [status, kind] of Object.entries(volumes)) {
    const id = await volume(status);
    await ended('volume.upload', id, 'failed');
    expect(await found()).toContain(NO_FAILURE);
    await ended(kind, id, 'failed');
    expect(await found()).not.toContain(NO_FAILURE);
  }
  const id = await volume('available');
  const made = await snapshot(id, 'error');
  const attached = await attachment(id, 'error_detaching');
  expect(await found()).toEqual([NO_FAILURE, NO_FAILURE]);
  await ended('snapshot.create', made, 'cancelled');
  await ended('attachment.disconnect', attached, 'failed');
  expect(await found()).toEqual([]);
});

test('an error that a tenant has set, and snapshots that a failed cascade has left, are no findings', async () => {
  const reset = await volume('error');
  await database.query(
    `insert into events (type, project_id, resource_type, resource_id, payload) values ('volume.reset_status', 'p', 'volume', $1, '{}')`,
    [reset],
  );
  const cascaded = await volume('error_deleting');
  await snapshot(cascaded, 'error_deleting');
  await ended('volume.delete', cascaded, 'failed');
  expect(await found()).toEqual([]);
});

test('what was deleted or detached with success and is still there is found', async () => {
  const id = await volume('in-use');
  await ended('attachment.disconnect', await attachment(id, 'attached'), 'succeeded');
  await ended('snapshot.delete', await snapshot(id, 'available'), 'succeeded');
  await ended('volume.delete', id, 'succeeded');
  await ended('volume.delete', randomUUID(), 'succeeded');
  expect(await found()).toEqual([STILL_THERE, STILL_THERE, STILL_THERE]);
});
