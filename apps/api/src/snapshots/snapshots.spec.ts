import { RoleAuthenticator } from '../testing/role-authenticator.js';
import { BACKEND, seedAttachment, seedSnapshot, seedVolume, unlimited } from '../testing/seed.js';
import { startTestApi, type TestApi } from '../testing/test-api.js';

let api: TestApi;
let volume: string;
beforeAll(async () => {
  api = await startTestApi({ authenticator: new RoleAuthenticator() });
  await unlimited(api.database);
  volume = await seedVolume(api.database, { size: 3 });
});
afterAll(() => api.close());

const MEMBER = 'u:p:member,reader';
const ADMIN = 'a:other:admin';
const UNKNOWN = '00000000-0000-4000-8000-000000000000';
const create = (snapshot: object, version = '3.71', token = MEMBER) =>
  api.as(token).post('/v3/snapshots', { snapshot }, { version });
const act = (id: string, action: object, token = ADMIN) =>
  api.as(token).post(`/v3/snapshots/${id}/action`, action);

async function operationOf(id: string): Promise<Record<string, unknown> | undefined> {
  const [row] = await api.database.query<Record<string, unknown>>(
    'select kind, input, queue, cancel_requested from operations where resource_id = $1 order by created_at desc limit 1',
    [id],
  );
  return row;
}

describe('POST /snapshots', () => {
  it('writes the intent down, holds the volume and answers 202', async () => {
    const { status, body } = await create({ volume_id: volume, name: 'n', metadata: { a: 'b' } });
    expect([status, body.snapshot]).toEqual([
      202,
      {
        id: expect.any(String) as unknown,
        created_at: expect.stringMatching(/^\d{4}-.*\.\d{6}$/) as unknown,
        updated_at: null,
        name: 'n',
        description: null,
        volume_id: volume,
        status: 'creating',
        size: 3,
        metadata: { a: 'b' },
        group_snapshot_id: null,
        user_id: 'u',
        consumes_quota: true,
      },
    ]);
    expect(await operationOf(body.snapshot.id)).toMatchObject({
      kind: 'snapshot.create',
      queue: 'scheduler',
      input: { volumeId: volume },
    });
    expect(
      await api.database.query('select from operation_holds where volume_id = $1', [volume]),
    ).toHaveLength(1);
  });

  it.each<[object, number]>([
    [{}, 400],
    [{ volume_id: 'x' }, 400],
    [{ volume_id: UNKNOWN }, 404],
    [{ volume_id: null }, 404],
    [{ volume_id: UNKNOWN, more: 1 }, 400],
    [{ volume_id: UNKNOWN, force: 'maybe' }, 400],
    [{ volume_id: UNKNOWN, name: 'x'.repeat(256) }, 400],
  ])('%j is %i', async (snapshot, status) => {
    expect((await create(snapshot)).status).toBe(status);
  });

  it('of a volume in use wants force before 3.66 and forbids to refuse it from then on', async () => {
    const used = await seedVolume(api.database);
    await seedAttachment(api.database, used);
    expect((await create({ volume_id: used }, '3.65')).status).toBe(400);
    expect((await create({ volume_id: used, force: true }, '3.65')).status).toBe(202);
    expect((await create({ volume_id: used }, '3.66')).status).toBe(202);
    expect((await create({ volume_id: used, force: true }, '3.66')).status).toBe(202);
    expect((await create({ volume_id: used, force: false }, '3.66')).status).toBe(400);
  });

  it('does not take one of a volume in error, unplaced or of another project', async () => {
    expect((await create({ volume_id: await seedVolume(api.database, { status: 'error' }) })).status).toBe(
      400,
    );
    expect((await create({ volume_id: await seedVolume(api.database, { pool: null }) })).status).toBe(400);
    expect((await create({ volume_id: volume }, '3.71', 'u:stranger:member')).status).toBe(404);
  });

  it('is bounded by quota', async () => {
    await api.database.query(`insert into quota_limits values ('few', 'snapshots', 0)`);
    const id = await seedVolume(api.database, { project: 'few' });
    expect((await create({ volume_id: id }, '3.0', 'u:few:member')).body.overLimit.message).toBe(
      'Maximum number of snapshots allowed (0) exceeded',
    );
  });
});

describe('a snapshot on the wire', () => {
  it.each<[string, string[]]>([
    ['3.0', []],
    ['3.14', ['group_snapshot_id']],
    ['3.41', ['group_snapshot_id', 'user_id']],
    ['3.65', ['group_snapshot_id', 'user_id', 'consumes_quota']],
  ])('has exactly the keys of %s', async (version, more) => {
    const id = await seedSnapshot(api.database, volume);
    const keys = [
      'id',
      'created_at',
      'updated_at',
      'name',
      'description',
      'volume_id',
      'status',
      'size',
      'metadata',
      ...more,
    ];
    const extensions = [
      'os-extended-snapshot-attributes:project_id',
      'os-extended-snapshot-attributes:progress',
    ];
    const { body } = await api.as(MEMBER).get(`/v3/snapshots/${id}`, { version });
    expect(Object.keys(body.snapshot).sort()).toEqual([...keys, ...extensions].sort());
    const listed = await api.as(MEMBER).get('/v3/snapshots?limit=1', { version });
    expect(Object.keys(listed.body.snapshots[0]!).sort()).toEqual([...keys].sort());
    expect(listed.body.snapshots_links[0]!.rel).toBe('next');
  });

  it('is sorted by name from 3.30 and filtered by metadata from 3.22', async () => {
    const me = api.as(MEMBER);
    expect((await me.get('/v3/snapshots?sort=name', { version: '3.29' })).status).toBe(400);
    expect((await me.get('/v3/snapshots?sort=name', { version: '3.30' })).status).toBe(200);
    const found = await me.get("/v3/snapshots?metadata={'a':'b'}", { version: '3.22' });
    expect(found.body.snapshots).toHaveLength(1);
    expect((await me.get(`/v3/snapshots?volume_id=${UNKNOWN}`)).body.snapshots).toEqual([]);
  });

  it('is renamed', async () => {
    const id = await seedSnapshot(api.database, volume);
    const put = (snapshot: object) => api.as(MEMBER).put(`/v3/snapshots/${id}`, { snapshot });
    expect((await put({ name: 'x' })).body.snapshot).toMatchObject({ id, name: 'x' });
    expect((await put({ description: 'y' })).body.snapshot).toMatchObject({ name: 'x', description: 'y' });
    expect((await put({})).status).toBe(400);
    expect((await put({ size: 1 })).status).toBe(400);
  });
});

describe('deleting and resetting snapshots', () => {
  it('goes to the host of the volume, once', async () => {
    const id = await seedSnapshot(api.database, volume);
    const replies = await Promise.all(
      Array.from({ length: 5 }, () => api.as(MEMBER).delete(`/v3/snapshots/${id}`)),
    );
    expect(replies.map(({ status }) => status).sort()).toEqual([202, 400, 400, 400, 400]);
    expect(await operationOf(id)).toMatchObject({ kind: 'snapshot.delete', queue: `volume.${BACKEND}` });
    expect((await act(id, { 'os-force_delete': {} })).status).toBe(202);
    expect((await act(id, { 'os-reset_status': { status: 'available' } })).status).toBe(202);
    expect(await operationOf(id)).toMatchObject({ cancel_requested: true });
  });

  it.each([
    ['available', 202],
    ['error', 202],
    ['error_deleting', 202],
    ['creating', 400],
    ['deleting', 400],
    ['x', 400],
  ])('resets to %s: %i', async (status, code) => {
    const id = await seedSnapshot(api.database, volume);
    expect((await act(id, { 'os-reset_status': { status } })).status).toBe(code);
    if (code === 202)
      expect((await api.as(ADMIN).get(`/v3/snapshots/${id}`)).body.snapshot.status).toBe(status);
  });

  it('keeps the status from clients and administration from members', async () => {
    const id = await seedSnapshot(api.database, volume);
    expect(
      (await act(id, { 'os-update_snapshot_status': { status: 'available', progress: '50%' } }, MEMBER))
        .status,
    ).toBe(400);
    expect((await act(id, { 'os-reset_status': { status: 'error' } }, MEMBER)).status).toBe(403);
    expect((await act(id, { 'os-force_delete': {} }, MEMBER)).status).toBe(403);
    expect((await api.as('u:stranger:member,reader').delete(`/v3/snapshots/${id}`)).status).toBe(404);
  });
});
