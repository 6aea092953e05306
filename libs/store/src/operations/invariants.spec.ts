import { randomUUID } from 'node:crypto';
import { HazardWorld } from '../test-support/hazard-world.js';
import { NotificationListener } from '../notification-listener.js';
import { OperationWaiter } from './operation-waiter.js';

let world: HazardWorld;
beforeAll(async () => void (world = await HazardWorld.open()));
afterAll(() => world?.[Symbol.asyncDispose]());

test('a transitional status without an operation is refused', async () => {
  const id = await world.createVolume();
  const orphan = world.database.query('update volumes set operation_id = null where operation_id = $1', [id]);
  await expect(orphan).rejects.toThrow(/check constraint/);
});

test('an operation cannot end while a row points at it', async () => {
  const id = await world.createVolume();
  const end = world.database.query(
    `update operations set state = 'failed', finished_at = now() where id = $1`,
    [id],
  );
  await expect(end).rejects.toThrow(/foreign key constraint/);
  expect(await world.operation(id)).toMatchObject({ live: true });
});

test('a row cannot point at an operation that has ended', async () => {
  const { engine } = await world.worker();
  const id = await world.createVolume();
  await engine.start();
  await world.ended(id);
  await engine.stop(1000);
  const point = world.database.query(
    `update volumes set status = 'deleting', operation_id = $1
      where id = (select resource_id from operations where id = $1)`,
    [id],
  );
  await expect(point).rejects.toThrow(/foreign key constraint/);
});

async function volumeType(): Promise<string> {
  const [type] = await world.database.query<{ id: string }>(
    'insert into volume_types (name) values ($1) returning id',
    [randomUUID()],
  );
  return type!.id;
}

const insertVolume = (project: string, type: string, size = 1): Promise<unknown> =>
  world.database.query(
    `insert into volumes (id, project_id, user_id, size, status, volume_type_id) values ($1, $2, 'user', $3, 'available', $4)`,
    [randomUUID(), project, size, type],
  );

const usage = (project: string): Promise<unknown[]> =>
  world.database.query(
    `select volume_type_id as type, volumes::int, gigabytes::int, reserved_gigabytes::int as reserved
       from usages where project_id = $1 and volumes + gigabytes + reserved_gigabytes <> 0 order by volume_type_id`,
    [project],
  );

const TOTAL = '00000000-0000-0000-0000-000000000000';

test('50 inserts at once end exactly at the limit', async () => {
  const [project, type] = [randomUUID(), await volumeType()];
  const inserts = await Promise.allSettled(Array.from({ length: 50 }, () => insertVolume(project, type)));
  expect(inserts.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
  expect(await usage(project)).toContainEqual({ type: TOTAL, volumes: 10, gigabytes: 10, reserved: 0 });
});

test('usage follows every change of a row', async () => {
  const [project, first, second] = [randomUUID(), await volumeType(), await volumeType()];
  const both = (type: string, gigabytes: number, reserved: number): unknown[] =>
    [TOTAL, type].map((of) => ({ type: of, volumes: 1, gigabytes, reserved }));
  const change = (set: string): Promise<unknown> =>
    world.database.query(`update volumes set ${set} where project_id = $1`, [project]);
  await insertVolume(project, first, 3);
  expect(await usage(project)).toEqual(both(first, 3, 0));
  await change('pending_size = 5');
  expect(await usage(project)).toEqual(both(first, 3, 2));
  await change('size = 5, pending_size = null');
  expect(await usage(project)).toEqual(both(first, 5, 0));
  await change(`volume_type_id = '${second}'`);
  expect(await usage(project)).toEqual(both(second, 5, 0));
  await world.database.query('delete from volumes where project_id = $1', [project]);
  expect(await usage(project)).toEqual([]);
});

test('a claim past the limit of its pool is refused, whoever writes it', async () => {
  const [project, type, pool] = [randomUUID(), await volumeType(), `host@backend#${randomUUID()}`];
  await world.database.query(
    `insert into pools (address, backend, state, claim_limit_gib) values ($1, 'host@backend', '{}', 4)`,
    [pool],
  );
  await insertVolume(project, type, 3);
  await insertVolume(project, type, 2);
  const claim = (size: number): Promise<unknown> =>
    world.database.query(
      `insert into claims (pool, volume_id, size_gib) select $1, id, size from volumes where project_id = $2 and size = $3`,
      [pool, project, size],
    );
  await claim(3);
  await expect(claim(2)).rejects.toThrow();
  const grow = world.database.query('update claims set size_gib = 5 where pool = $1', [pool]);
  await expect(grow).rejects.toThrow();
  const account = await world.database.query('select claimed_gib::int as n from pools where address = $1', [
    pool,
  ]);
  expect(account).toEqual([{ n: 3 }]);
});

test('who waits in vain is told so with a 502, and sees the end without a notification', async () => {
  const listener = new NotificationListener(world.test.url);
  const waiter = new OperationWaiter(world.database, listener);
  try {
    const id = await world.createVolume();
    await expect(waiter.wait(id, 0)).rejects.toMatchObject({ kind: 'badGateway' });
    const end = waiter.wait(id, 15_000);
    const { engine } = await world.worker();
    await engine.start();
    // Nobody declared this operation as awaited: no notification is ever sent.
    expect(await end).toMatchObject({ state: 'succeeded' });
    await engine.stop(1000);
  } finally {
    waiter.close();
    await listener.close();
  }
});
