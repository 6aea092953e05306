import { randomUUID } from 'node:crypto';
import {
  FencedError,
  OPERATIONS,
  createVolume,
  definitionKey,
  deleteVolume,
  extendVolume,
  type OperationDefinition,
} from '@scoria/operations';
import { recount } from '../doctor/recount.js';
import { ROW_CHECKS } from '../doctor/row-checks.js';
import { runRowChecks } from '../doctor/run-row-checks.js';
import { insertOperation } from '../operations/insert-operation.js';
import { PostgresOperationStore } from '../operations/postgres-operation-store.js';
import { reportService } from '../services.js';
import { BACKEND, BACKEND_QUEUE, HazardWorld } from '../test-support/hazard-world.js';
import { findShownOperation } from '../views/shown-operations.js';
import { abandonOperation, type Abandonment } from './abandon-operation.js';

const POOL = `${BACKEND}#pool`;
const worker = { id: randomUUID(), service: 'volume', host: 'host', leaseSeconds: 60 };
const how: Abandonment = { by: 'ada (req-7)', reason: 'the board burnt', downSeconds: 30 };

let world: HazardWorld;
let store: PostgresOperationStore;
beforeEach(async () => {
  world = await HazardWorld.open();
  store = new PostgresOperationStore(world.database);
  await world.database.query(`insert into pools (address, backend, state) values ($1, $2, '{}')`, [
    POOL,
    BACKEND,
  ]);
});
afterEach(() => world?.[Symbol.asyncDispose]());

const abandon = (id: string, more: Partial<Abandonment> = {}) =>
  world.database.transaction((tx) => abandonOperation(tx, id, { ...how, ...more }));

/** A volume of 2 GiB on the backend, with its claim, and what is being done to it. */
async function busy<Input>(
  definition: OperationDefinition<Input>,
  input: Input,
  status: string,
): Promise<{ volume: string; id: string }> {
  const volume = randomUUID();
  const id = await world.database.transaction(async (tx) => {
    const { operationId } = await insertOperation(tx, {
      definition,
      resourceType: 'volume',
      resourceId: volume,
      input,
      backend: BACKEND,
      context: { requestId: 'req-1', userId: 'u', projectId: 'p', isAdmin: false, roles: [] },
    });
    await tx.query(
      `insert into volumes (id, project_id, user_id, size, status, operation_id, volume_type_id, pool)
       select $1, 'p', 'u', 2, $2, $3, id, $4 from volume_types limit 1`,
      [volume, status, operationId, POOL],
    );
    await tx.query('insert into claims (pool, volume_id, size_gib) values ($1, $2, 2)', [POOL, volume]);
    return operationId;
  });
  await world.database.query('update operations set queue = $2 where id = $1', [id, BACKEND_QUEUE]);
  return { volume, id };
}

const deleting = (cascade = false) => busy(deleteVolume, { cascade }, 'deleting');
const creating = () =>
  busy(
    createVolume,
    { source: { kind: 'empty' }, hints: {}, availabilityZones: [], pinnedTo: null },
    'creating',
  );

async function claim(id: string) {
  await store.heartbeat(worker);
  const [operation] = await store.claim({
    worker,
    queue: BACKEND_QUEUE,
    limit: 1,
    definitions: OPERATIONS.map(definitionKey),
    running: [],
    slots: 1,
    share: 1,
    ids: [id],
  });
  return operation!;
}

const one = async <Row>(sql: string, ...parameters: unknown[]): Promise<Row | undefined> =>
  (await world.database.query<Row>(sql, parameters))[0];
const statusOf = async (volume: string) =>
  (await one<{ status: string }>('select status from volumes where id = $1', volume))?.status;
const claimed = () =>
  one('select claimed_gib::int as gib, volume_count as volumes from pools where address = $1', POOL);
const usage = () =>
  one(
    `select sum(volumes)::int as volumes from usages where project_id = 'p' and volume_type_id::text like '0000%'`,
  );
const findings = () =>
  world.database.transaction((tx) => runRowChecks(tx, ROW_CHECKS, { limit: 10, downSeconds: 30 }));

describe('an operation of a host that is gone', () => {
  it('ends as failed, with all that a failure tells, and keeps claim and usage as long as the row', async () => {
    const { volume, id } = await creating();
    await abandon(id);
    expect(await statusOf(volume)).toBe('error');
    expect([await claimed(), await usage()]).toEqual([{ gib: 2, volumes: 1 }, { volumes: 1 }]);
    const shown = await findShownOperation(world.database, id);
    expect(shown).toMatchObject({
      state: 'failed',
      live: false,
      reason: 'The storage host is gone, and an administrator has given the operation up.',
      cause: `abandoned by ada (req-7), since the volume service of ${BACKEND} has never reported: the board burnt`,
    });
    expect(shown.history).toMatchObject([{ outcome: 'abandoned', cause: shown.cause }]);
    expect(shown.history![0]).not.toHaveProperty('worker');
    expect(await one('select type from events where operation_id = $1 order by id desc', id)).toEqual({
      type: 'volume.create.error',
    });
    expect(await one('select from messages where resource_uuid = $1', volume)).toBeDefined();
    expect(await findings()).toEqual([]);
  });

  it('is not touched by a worker that comes back with its claim', async () => {
    const { volume, id } = await creating();
    const operation = await claim(id);
    await world.database.query('update workers set lease_until = now()');
    await abandon(id);
    await store.heartbeat(worker);
    const end = { to: 'end', state: 'succeeded', data: {}, error: null } as const;
    await expect(store.transition(operation, worker, end)).rejects.toThrow(FencedError);
    await expect(store.saveCheckpoint(operation, worker, {} as never)).rejects.toThrow(FencedError);
    expect([await statusOf(volume), (await world.operation(id)).generation]).toEqual(['error', 2]);
  });

  it('that may have grown its volume leaves the larger claim, which is no disagreement', async () => {
    const { volume, id } = await busy(extendVolume, { oldSize: 2, newSize: 5 }, 'extending');
    await world.database.query(`update operations set data = '{"claimed": true}' where id = $1`, [id]);
    await world.database.query('update claims set size_gib = 5 where volume_id = $1', [volume]);
    await abandon(id);
    expect([await statusOf(volume), await claimed()]).toEqual(['error_extending', { gib: 5, volumes: 1 }]);
    expect(await findings()).toEqual([]);
    expect(await recount(world.database)).toEqual({ claims: 0, pools: 0, usages: 0 });
  });
});

describe('a delete of a host that is gone', () => {
  it('leaves its volume in error_deleting', async () => {
    const { volume, id } = await deleting();
    await abandon(id);
    expect(await statusOf(volume)).toBe('error_deleting');
    expect(await claimed()).toEqual({ gib: 2, volumes: 1 });
  });

  it('is done when its volume is to be forgotten: rows, claim and usage are gone, snapshots too', async () => {
    const { volume, id } = await deleting(true);
    await world.database.query(
      `insert into snapshots (id, project_id, user_id, volume_id, volume_size, volume_type_id, status, operation_id)
       select gen_random_uuid(), 'p', 'u', id, 2, volume_type_id, 'deleting', operation_id from volumes where id = $1`,
      [volume],
    );
    await abandon(id, { forget: true });
    expect(await statusOf(volume)).toBeUndefined();
    expect([await claimed(), await usage()]).toEqual([{ gib: 0, volumes: 0 }, { volumes: 0 }]);
    const shown = await findShownOperation(world.database, id);
    expect(shown).toMatchObject({ state: 'succeeded', progress: 100, reason: null });
    expect(shown.history).toMatchObject([{ outcome: 'abandoned', cause: expect.stringContaining('ada') }]);
    expect(await one('select type from events where operation_id = $1 order by id desc', id)).toEqual({
      type: 'volume.delete.end',
    });
  });

  it('is not forgotten while another operation reads from its volume', async () => {
    const [{ volume, id }, reader] = [await deleting(), await creating()];
    await world.database.query('insert into operation_holds (operation_id, volume_id) values ($1, $2)', [
      reader.id,
      volume,
    ]);
    await expect(abandon(id, { forget: true })).rejects.toThrow(`operation ${reader.id} reads from it`);
    await abandon(reader.id);
    await abandon(id, { forget: true });
    expect(await statusOf(volume)).toBeUndefined();
  });
});

describe('abandoning is refused', () => {
  const refusal = (id: string, more: Partial<Abandonment> = {}) =>
    expect(abandon(id, more)).rejects.toMatchObject({ kind: 'conflict' });

  it('while the service of the backend reports, or a living worker has it', async () => {
    const { volume, id } = await creating();
    const service = { binary: 'cinder-volume', host: BACKEND, availabilityZone: 'nova' } as const;
    await reportService(world.database, service);
    await refusal(id);
    await world.database.query(`update services set reported_at = now() - interval '1 minute'`);
    await claim(id);
    await refusal(id);
    expect(await statusOf(volume)).toBe('creating');
    await store.retire(worker);
    await abandon(id);
  });

  it('while it waits for a scheduler and one reports', async () => {
    const id = await world.createVolume();
    await reportService(world.database, {
      binary: 'cinder-scheduler',
      host: 'any',
      availabilityZone: 'nova',
    });
    await refusal(id);
    await world.database.query(`update services set reported_at = now() - interval '1 minute'`);
    await abandon(id);
  });

  it('when it has ended, and when it is to be forgotten and is no delete', async () => {
    const { id } = await creating();
    await refusal(id, { forget: true });
    await abandon(id);
    await refusal(id);
    await expect(abandon(randomUUID())).rejects.toMatchObject({ kind: 'notFound' });
  });
});
