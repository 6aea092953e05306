import { randomUUID } from 'node:crypto';
import { deleteVolume } from '@scoria/operations';
import { testDatabase, type TestDatabase } from '@scoria/testing';
import { Database, migrate } from '../database.js';
import { insertOperation } from '../operations/insert-operation.js';
import { AT_REST_CHECKS } from './at-rest-checks.js';
import { examine } from './examine.js';
import { recount } from './recount.js';
import type { Finding } from './report.js';
import { ROW_CHECKS } from './row-checks.js';
import { runRowChecks } from './run-row-checks.js';

const POOL = 'host@file#pool';

let source: TestDatabase;
let database: Database;

beforeEach(async () => {
  source = await testDatabase({ name: 'store', migrate: async (url) => void (await migrate(url)) });
  database = await Database.open({ url: source.url, poolSize: 2 });
  await database.query(`insert into pools (address, backend, state) values ($1, 'host@file', '{}')`, [POOL]);
});

afterEach(async () => {
  await database.close();
  await source.drop();
});

/** A volume at rest, with its claim. */
async function volume(status = 'available'): Promise<string> {
  const id = randomUUID();
  await database.query(
    `insert into volumes (id, project_id, user_id, size, status, volume_type_id, pool)
     select $1, 'p', 'u', 2, $2, id, $3 from volume_types limit 1`,
    [id, status, POOL],
  );
  await database.query('insert into claims (pool, volume_id, size_gib) values ($1, $2, 2)', [POOL, id]);
  return id;
}

/** A volume that is being deleted; answers the operation. */
async function deleting(): Promise<{ id: string; operation: string }> {
  const id = await volume();
  const operation = await database.transaction(async (tx) => {
    const { operationId } = await insertOperation(tx, {
      definition: deleteVolume,
      resourceType: 'volume',
      resourceId: id,
      input: { cascade: false },
      backend: 'host@file',
      context: { requestId: 'req-1', userId: 'u', projectId: 'p', isAdmin: false, roles: [] },
    });
    await tx.query(`update volumes set status = 'deleting', operation_id = $2 where id = $1`, [
      id,
      operationId,
    ]);
    return operationId;
  });
  return { id, operation };
}

const attach = (id: string) =>
  database.query(
    `insert into attachments (id, volume_id, project_id, status) values (gen_random_uuid(), $1, 'p', 'attached')`,
    [id],
  );

/** What a hand in the database can do and the triggers and constraints would not let it. */
async function byHand(sql: string, parameters: unknown[] = []): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.query(`set local session_replication_role = 'replica'`);
    await tx.query(sql, parameters);
  });
}

const look = (checks = ROW_CHECKS, limit = 10): Promise<Finding[]> =>
  database.transaction((tx) => runRowChecks(tx, checks, { limit, downSeconds: 30 }));

async function found(): Promise<Record<string, string[]>> {
  return Object.fromEntries(
    (await look()).map(({ check, subjects }) => [
      check,
      subjects.map(({ subject, detail }) => `${subject}: ${detail}`),
    ]),
  );
}

test('rows that agree are told to agree, at rest and at work', async () => {
  await volume();
  await attach(await volume('in-use'));
  expect(await look([...ROW_CHECKS, ...AT_REST_CHECKS])).toEqual([]);
  await deleting();
  expect(await look()).toEqual([]);
  expect((await look(AT_REST_CHECKS)).map(({ check }) => check)).toEqual(['volume-not-at-rest']);
});

test('usage, claims and pools that were changed around their triggers are named, and the recount mends them', async () => {
  const [grown, gone, displaced] = [await volume(), await volume(), await volume()];
  await byHand('update volumes set size = 7 where id = $1', [grown]);
  await byHand('delete from volumes where id = $1', [gone]);
  await byHand('delete from claims where volume_id = any($1)', [[gone, displaced]]);
  await byHand(`insert into usages (project_id, volume_type_id, volumes) values ('ghost', $1, 3)`, [
    randomUUID(),
  ]);
  expect(await found()).toEqual({
    'usage-drift': [
      expect.stringMatching(/^project ghost, type .*: counted \(3,0,0,0\), there are \(0,0,0,0\)/),
      'project p: counted (3,0,6,0), there are (2,0,9,0) (volumes, snapshots, gigabytes, reserved gigabytes)',
      expect.stringMatching(/^project p, type .*: counted \(3,0,6,0\), there are \(2,0,9,0\)/),
    ],
    'pool-claim-drift': [`${POOL}: counted 6 GiB for 3 volumes, claims are 2 GiB for 1 volumes`],
    'claim-differs': expect.arrayContaining([
      `volume ${grown}: 7 GiB in ${POOL}, claimed 2 GiB in ${POOL}`,
      `volume ${displaced}: 2 GiB in ${POOL}, claimed nothing`,
    ]),
  });
  await recount(database);
  expect(await found()).toEqual({});
  expect(await recount(database)).toEqual({ claims: 0, pools: 0, usages: 0 });
  // Its triggers are back.
  await volume();
  expect(await found()).toEqual({});
});

test('a status that no operation ends, or that attachments contradict, is named', async () => {
  const { id, operation } = await deleting();
  const [idle, attached] = [await volume('in-use'), await volume()];
  await attach(attached);
  await byHand(`update operations set state = 'failed' where id = $1`, [operation]);
  await byHand('insert into operation_holds (operation_id, volume_id) values ($1, $2)', [operation, idle]);
  const { 'status-against-attachments': contradicted, ...rest } = await found();
  expect(rest).toEqual({
    'status-without-operation': [`volume ${id}: deleting, under operation ${operation}`],
    'hold-of-ended-operation': [`${operation}: holds volume ${idle}`],
  });
  expect(contradicted!.sort()).toEqual(
    [`volume ${idle}: in-use with 0 attached`, `volume ${attached}: available with 1 attached`].sort(),
  );
});

test('operations that are late, fail, or have nobody are named', async () => {
  const operations = [];
  for (let n = 0; n < 5; n++) operations.push((await deleting()).operation);
  const [late, stuck, failing, waiting, orphan] = operations as [string, string, string, string, string];
  const set = (id: string, change: string) =>
    database.query(`update operations set ${change} where id = $1`, [id]);
  await set(late, `deadline = now() - interval '1 hour'`);
  await set(stuck, `state = 'undoing', attempt = 9, history = '[{"cause": "no space"}]'`);
  await set(failing, `attempt = 4, error = '{"message": "busy", "cause": "EBUSY"}'`);
  await set(waiting, `due_at = now() - interval '1 hour'`);
  const claim = '{"service": "volume", "host": "dead-host"}';
  await set(orphan, `owner = gen_random_uuid(), claim = '${claim}', updated_at = now() - interval '1 hour'`);
  const step = 'volume.delete remove';
  expect(await found()).toEqual({
    'operation-overdue': [expect.stringContaining(`${late}: volume.delete of volume`)],
    'undo-fails': [`${stuck}: undo of ${step} has failed 9 times: no space`],
    'step-fails': [`${failing}: ${step} has failed 4 times: EBUSY`],
    'operation-unclaimed': [
      expect.stringContaining(`${waiting}: volume.delete waits in queue volume.host@file`),
    ],
    'owner-without-lease': [`${orphan}: volume.delete in queue volume.host@file, of ${orphanOwner(claim)}`],
  });
});

const orphanOwner = (claim: string): string => {
  const { service, host } = JSON.parse(claim) as Record<string, string>;
  return `${service} on ${host}`;
};

test('a silent service and a pool beyond its limit are named; a disabled service is not', async () => {
  await volume();
  await database.query('update pools set claim_limit_gib = 1');
  await database.query(
    `insert into services ("binary", host, availability_zone, reported_at, disabled) values
       ('cinder-volume', 'host@file', 'nova', now() - interval '1 hour', false),
       ('cinder-volume', 'host@old', 'nova', now() - interval '1 hour', true),
       ('cinder-scheduler', 'host', 'nova', now(), false)`,
  );
  expect(await found()).toEqual({
    'pool-over-limit': [`${POOL}: 2 of 1 GiB claimed`],
    'service-down': [expect.stringContaining('host@file cinder-volume: last heard of at')],
  });
});

test('what is found often is counted, and named as often as asked', async () => {
  for (let n = 0; n < 7; n++) await volume('in-use');
  const [finding] = await look(ROW_CHECKS, 3);
  expect(finding).toMatchObject({ check: 'status-against-attachments', count: 7 });
  expect(finding!.subjects).toHaveLength(3);
});

test('a schema that is older than the program is told, and nothing is asked of it', async () => {
  await database.query(`delete from migrations where name like 'OperationHistory%'`);
  const report = await examine({ database, limit: 5, downSeconds: 30, timeoutMs: 1000 });
  expect(report.agreed).toBe(false);
  expect(report.findings).toMatchObject([
    { check: 'migrations-pending', count: 1, mend: 'scoria db migrate' },
  ]);
});

test('without a bus the rows are looked at, and the report says what was not', async () => {
  const report = await examine({ database, limit: 5, downSeconds: 30, timeoutMs: 1000 });
  expect(report).toMatchObject({ agreed: true, findings: [{ check: 'storage-not-seen', level: 'note' }] });
});
