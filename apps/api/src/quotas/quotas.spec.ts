import { RoleAuthenticator } from '../testing/role-authenticator.js';
import { seedSnapshot, seedVolume } from '../testing/seed.js';
import { statementsOf } from '../testing/statements.js';
import { startTestApi, type TestApi } from '../testing/test-api.js';

interface Usage {
  limit: number;
  in_use: number;
  reserved: number;
}

interface Answer<T = number> {
  quota_set: Record<string, T> & { id: string };
  quota_class_set: Record<string, T> & { id: string };
  limits: { rate: []; absolute: Record<string, number> };
}

const ADMIN = 'a:p:admin';
let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ authenticator: new RoleAuthenticator() });
  await api.database.query(
    `insert into volume_types (name, is_public) values ('gold', true), ('hidden', false)`,
  );
});
afterAll(() => api.close());

const send = <T = number>(method: string, path: string, body?: unknown, token = ADMIN, version = '3.71') =>
  api.as(token).send<Answer<T>>(method, `/v3${path}`, body, { version });

describe('the limits of a project', () => {
  it('are the default class’s until it has its own, and again after', async () => {
    const path = '/os-quota-sets/own';
    const before = await send('GET', path);
    expect(before.body.quota_set).toMatchObject({
      id: 'own',
      volumes: 10,
      snapshots: 10,
      gigabytes: 1000,
      backups: 10,
      backup_gigabytes: 1000,
      groups: 10,
      per_volume_gigabytes: -1,
      volumes_gold: -1,
      snapshots_gold: -1,
      gigabytes___DEFAULT__: -1,
    });
    const set = await send('PUT', path, { quota_set: { tenant_id: 'own', volumes: '7', gigabytes_gold: 5 } });
    expect(set.status).toBe(200);
    expect(set.body.quota_set).toMatchObject({ volumes: 7, gigabytes_gold: 5, snapshots: 10 });
    expect(set.body.quota_set).not.toHaveProperty('id');
    expect((await send('GET', `${path}/defaults`)).body.quota_set).toMatchObject({ id: 'own', volumes: 10 });
    const cleared = await send('DELETE', path);
    expect([cleared.status, cleared.text]).toEqual([200, '']);
    expect((await send('GET', path)).body).toEqual(before.body);
  });

  it('are told to the project but for those of types that are hidden from it', async () => {
    const limits = { volumes: 7, volumes_gold: 6, volumes_hidden: 5 };
    expect((await send('PUT', '/os-quota-sets/told', { quota_set: limits })).status).toBe(200);
    const events = await api.database.query(`select payload from events where project_id = 'told'`);
    expect(events).toEqual([{ payload: { limits: { volumes: 7, volumes_gold: 6 } } }]);
  });

  it('are not set by a body that has none', async () => {
    expect((await send('PUT', '/os-quota-sets/own', { quota_set: {} })).status).toBe(400);
  });

  it('come with what is used of them, by type, in one statement', async () => {
    const volume = await seedVolume(api.database, { project: 'used', size: 3 });
    await seedSnapshot(api.database, volume, { project: 'used' });
    let body!: Answer<Usage>;
    const statements = await statementsOf(api.database, async () => {
      ({ body } = await send<Usage>('GET', '/os-quota-sets/used?usage=true'));
    });
    expect(statements).toHaveLength(1);
    expect(body.quota_set).toMatchObject({
      volumes: { limit: 10, in_use: 1, reserved: 0 },
      gigabytes: { limit: 1000, in_use: 6, reserved: 0 },
      gigabytes___DEFAULT__: { limit: -1, in_use: 6, reserved: 0 },
      volumes_gold: { limit: -1, in_use: 0, reserved: 0 },
      per_volume_gigabytes: { limit: -1, in_use: 0, reserved: 0 },
    });
    const growing = await seedVolume(api.database, { project: 'used', size: 2 });
    await api.database.query('update volumes set pending_size = 5 where id = $1', [growing]);
    const again = await send<Usage>('GET', '/os-quota-sets/used?usage=True');
    expect(again.body.quota_set.gigabytes).toEqual({ limit: 1000, in_use: 8, reserved: 3 });
  });

  it('are not lowered below what is used, unless that is asked for', async () => {
    await seedVolume(api.database, { project: 'low', size: 4 });
    const path = '/os-quota-sets/low';
    const refused = await send('PUT', path, { quota_set: { gigabytes: 3, volumes: 5 } });
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('gigabytes')]);
    expect((await send('GET', path)).body.quota_set).toMatchObject({ gigabytes: 1000, volumes: 10 });
    expect((await send('PUT', path, { quota_set: { gigabytes: 4 } })).status).toBe(200);
    expect((await send('PUT', path, { quota_set: { gigabytes___DEFAULT__: 3 } })).status).toBe(400);
    expect((await send('PUT', `${path}?skip_validation=true`, { quota_set: { gigabytes: 3 } })).status).toBe(
      200,
    );
    expect((await send('PUT', path, { quota_set: { gigabytes: -1 } })).status).toBe(200);
  });

  it('hold for the next volume', async () => {
    await send('PUT', '/os-quota-sets/held', { quota_set: { gigabytes: 3 } });
    const make = () => api.as('u:held:member').post('/v3/volumes', { volume: { size: 2 } });
    expect([(await make()).status, (await make()).status]).toEqual([202, 413]);
  });

  it.each<[string, unknown]>([
    ['an unknown resource', { quota_set: { unknown: 1 } }],
    ['a type that is not there', { quota_set: { volumes_silver: 1 } }],
    ['less than -1', { quota_set: { volumes: -2 } }],
    ['more than an integer holds', { quota_set: { volumes: 2 ** 31 } }],
    ['text', { quota_set: { volumes: 'many' } }],
    ['no set', { quotas: {} }],
    ['a list', { quota_set: [] }],
  ])('are not set by %s', async (_what, body) => {
    expect((await send('PUT', '/os-quota-sets/own', body)).status).toBe(400);
  });

  it('are no other project’s business, and hide the types that it cannot use', async () => {
    const user = 'u:own:reader,member';
    expect((await send('GET', '/os-quota-sets/used', undefined, user)).status).toBe(403);
    expect((await send('GET', '/os-quota-sets/used/defaults', undefined, user)).status).toBe(403);
    expect((await send('PUT', '/os-quota-sets/own', { quota_set: { volumes: 99 } }, user)).status).toBe(403);
    expect((await send('DELETE', '/os-quota-sets/own', undefined, user)).status).toBe(403);
    const own = await send('GET', '/os-quota-sets/own', undefined, user);
    expect(own.body.quota_set).toHaveProperty('volumes_gold');
    expect(own.body.quota_set).not.toHaveProperty('volumes_hidden');
    expect((await send('GET', '/os-quota-sets/own')).body.quota_set).toHaveProperty('volumes_hidden');
  });
});

describe('a quota class', () => {
  it('changes what projects without limits of their own get', async () => {
    const path = '/os-quota-class-sets/default';
    const set = await send('PUT', path, { quota_class_set: { snapshots: 11 } });
    expect([set.status, set.body.quota_class_set.snapshots]).toEqual([200, 11]);
    expect(set.body.quota_class_set).not.toHaveProperty('id');
    expect((await send('GET', path)).body.quota_class_set).toMatchObject({ id: 'default', snapshots: 11 });
    expect((await send('GET', '/os-quota-sets/own')).body.quota_set.snapshots).toBe(11);
    expect((await send('GET', '/os-quota-class-sets/other')).body.quota_class_set.snapshots).toBe(11);
    expect((await send('PUT', path, { quota_class_set: { nothing: 1 } })).status).toBe(400);
    expect((await send('GET', path, undefined, 'u:own:reader')).status).toBe(403);
  });
});

describe('GET /limits', () => {
  it('tells absolute limits and use, and another project’s only to administrators', async () => {
    await seedVolume(api.database, { project: 'lim', size: 5 });
    const own = await send('GET', '/limits', undefined, 'u:lim:reader');
    expect(own.body.limits).toEqual({
      rate: [],
      absolute: {
        maxTotalVolumes: 10,
        maxTotalSnapshots: 11,
        maxTotalVolumeGigabytes: 1000,
        maxTotalBackups: 10,
        maxTotalBackupGigabytes: 1000,
        totalVolumesUsed: 1,
        totalGigabytesUsed: 5,
        totalSnapshotsUsed: 0,
        totalBackupsUsed: 0,
        totalBackupGigabytesUsed: 0,
      },
    });
    expect((await send('GET', '/limits?project_id=lim')).body).toEqual(own.body);
    expect((await send('GET', '/limits?tenant_id=lim')).body).toEqual(own.body);
    expect((await send('GET', '/limits?project_id=lim&tenant_id=other')).body).toEqual(own.body);
    for (const key of ['project_id', 'tenant_id']) {
      const stranger = await send('GET', `/limits?${key}=lim`, undefined, 'u:own:reader');
      expect([stranger.status, stranger.body.limits.absolute.totalVolumesUsed]).toEqual([200, 0]);
    }
    const early = await send('GET', '/limits?project_id=lim', undefined, 'a:empty:admin', '3.38');
    expect(early.body.limits.absolute.totalVolumesUsed).toBe(0);
  });
});
