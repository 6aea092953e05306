import { startTestApi, type TestApi } from '../testing/test-api.js';
import { RoleAuthenticator } from '../testing/role-authenticator.js';
import { seedAttachment, seedVolume } from '../testing/seed.js';

let api: TestApi;
let id: string;
beforeAll(async () => {
  api = await startTestApi({
    authenticator: new RoleAuthenticator(),
    config: { api: { authStrategy: 'noauth' } },
  });
  id = await seedVolume(api.database, { name: 'data', metadata: { a: 'b' } });
});
afterAll(() => api.close());

const BASE = [
  'attachments',
  'availability_zone',
  'bootable',
  'consistencygroup_id',
  'created_at',
  'description',
  'encrypted',
  'id',
  'links',
  'metadata',
  'multiattach',
  'name',
  'os-vol-tenant-attr:tenant_id',
  'replication_status',
  'size',
  'snapshot_id',
  'source_volid',
  'status',
  'updated_at',
  'user_id',
  'volume_type',
];
const ADMIN = [
  'migration_status',
  'os-vol-host-attr:host',
  'os-vol-mig-status-attr:migstat',
  'os-vol-mig-status-attr:name_id',
];

describe('a volume on the wire', () => {
  it.each<[string, string[], string[]]>([
    ['3.0', [], []],
    ['3.12', [], []],
    ['3.13', ['group_id'], []],
    ['3.21', ['group_id'], ['provider_id']],
    ['3.48', ['group_id', 'service_uuid', 'shared_targets'], ['provider_id']],
    ['3.61', ['group_id', 'service_uuid', 'shared_targets'], ['provider_id', 'cluster_name']],
    [
      '3.63',
      ['group_id', 'service_uuid', 'shared_targets', 'volume_type_id'],
      ['provider_id', 'cluster_name'],
    ],
    [
      '3.71',
      ['group_id', 'service_uuid', 'shared_targets', 'volume_type_id', 'consumes_quota'],
      ['provider_id', 'cluster_name'],
    ],
  ])('has exactly the keys of %s', async (version, more, moreForAdmins) => {
    const mine = await api.as('u:p:reader').get(`/v3/volumes/${id}`, { version });
    expect(Object.keys(mine.body.volume).sort()).toEqual([...BASE, ...more].sort());
    const admins = await api.as('u:p:admin').get(`/v3/volumes/${id}`, { version });
    expect(Object.keys(admins.body.volume).sort()).toEqual(
      [...BASE, ...ADMIN, ...more, ...moreForAdmins].sort(),
    );
    const listed = await api.as('u:p:reader').get('/v3/volumes/detail', { version });
    expect(listed.body.volumes).toEqual([mine.body.volume]);
  });

  it('types its values as Cinder does', async () => {
    const { body } = await api.as('u:p:reader').get(`/v3/volumes/${id}`, { version: '3.71' });
    expect(body.volume).toMatchObject({
      bootable: 'false',
      encrypted: false,
      multiattach: false,
      consumes_quota: true,
      shared_targets: false,
      metadata: { a: 'b' },
      updated_at: null,
      attachments: [],
      volume_type: '__DEFAULT__',
    });
  });

  it('shows image metadata only where there is some', async () => {
    const other = await seedVolume(api.database, { project: 'q' });
    await api.database.query(`update volumes set image_metadata = '{"os":"x"}' where id = $1`, [other]);
    const { body } = await api.as('u:q:reader').get('/v3/volumes/detail');
    expect(body.volumes[0]!.volume_image_metadata).toEqual({ os: 'x' });
  });

  it('shows attachments, and the host to administrators and services only', async () => {
    const attached = await seedVolume(api.database, { project: 'r' });
    const attachment = await seedAttachment(api.database, attached, 'r');
    const mine = (await api.as('u:r:reader').get(`/v3/volumes/${attached}`)).body.volume;
    expect(mine).toMatchObject({ status: 'in-use' });
    expect(mine.attachments).toEqual([
      expect.objectContaining({
        id: attached,
        attachment_id: attachment,
        volume_id: attached,
        device: '/dev/vdb',
        host_name: null,
      }),
    ]);
    expect(mine.attachments[0]!.attached_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/);
    for (const token of ['u:r:admin', 'glance:r:reader,service']) {
      const { volume } = (await api.as(token).get(`/v3/volumes/${attached}`)).body;
      expect(volume.attachments[0]!.host_name).toBe('compute1');
      const { volumes } = (await api.as(token).get('/v3/volumes/detail')).body;
      expect(volumes[0]!.attachments[0]!.host_name).toBe('compute1');
    }
  });

  it('merges what only operations may write into the metadata that is shown', async () => {
    const volume = await seedVolume(api.database, { project: 's', metadata: { own: '1' } });
    await api.database.query(`update volumes set readonly = true, attached_mode = 'ro' where id = $1`, [
      volume,
    ]);
    const { body } = await api.as('u:s:reader').get(`/v3/volumes/${volume}`);
    expect(body.volume.metadata).toEqual({ own: '1', readonly: 'True', attached_mode: 'ro' });
    expect((await api.as('u:s:reader').get(`/v3/volumes/${volume}/metadata`)).body).toEqual({
      metadata: { own: '1' },
    });
  });

  it('sums up volumes, and from 3.36 their metadata', async () => {
    await seedVolume(api.database, { project: 't', size: 3, metadata: { k: 'a' } });
    await seedVolume(api.database, { project: 't', size: 4, metadata: { k: 'b', j: 'c' } });
    const get = async (version: string) =>
      (await api.as('u:t:reader').get('/v3/volumes/summary', { version })).body['volume-summary'];
    expect(await get('3.12')).toEqual({ total_count: 2, total_size: 7 });
    expect(await get('3.36')).toEqual({
      total_count: 2,
      total_size: 7,
      metadata: { k: ['a', 'b'], j: ['c'] },
    });
  });
});

describe('projects', () => {
  it.each([
    ['GET', ''],
    ['PUT', ''],
    ['DELETE', ''],
    ['GET', '/metadata'],
    ['POST', '/metadata'],
    ['PUT', '/metadata'],
    ['GET', '/metadata/a'],
    ['PUT', '/metadata/a'],
    ['DELETE', '/metadata/a'],
    ['GET', '/encryption'],
    ['POST', '/action'],
  ])('do not see each other: %s /volumes/{id}%s', async (method, path) => {
    const bodies: Record<string, unknown> = {
      'PUT ': { volume: { name: 'stolen' } },
      'POST /metadata': { metadata: { a: 'x' } },
      'PUT /metadata': { metadata: {} },
      'PUT /metadata/a': { meta: { a: 'x' } },
      'POST /action': { 'os-set_bootable': { bootable: true } },
    };
    const reply = await api
      .as('u:stranger:member,reader')
      .send(method, `/v3/volumes/${id}${path}`, bodies[`${method} ${path}`]);
    expect(reply.status).toBe(404);
    const before = (await api.as('u:p:reader').get(`/v3/volumes/${id}`)).body.volume;
    expect(before).toMatchObject({
      name: 'data',
      metadata: { a: 'b' },
      status: 'available',
      bootable: 'false',
    });
  });

  it('are open to administrators, by id and with all_tenants', async () => {
    expect((await api.as('a:other:admin').get(`/v3/volumes/${id}`)).status).toBe(200);
    const ids = async (token: string, query: string) =>
      (await api.as(token).get(`/v3/volumes?${query}`)).body.volumes.map(
        (volume: { id: string }) => volume.id,
      );
    expect(await ids('a:other:admin', '')).toEqual([]);
    expect(await ids('a:other:admin', 'all_tenants=1')).toContain(id);
    expect(await ids('a:other:admin', 'all_tenants=1&project_id=p')).toEqual([id]);
    expect(await ids('u:other:reader', 'all_tenants=1')).toEqual([]);
  });
});
