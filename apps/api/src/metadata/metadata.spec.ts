import { seedSnapshot, seedVolume, unlimited } from '../testing/seed.js';
import { startTestApi, type TestApi } from '../testing/test-api.js';

let api: TestApi;
const paths: Record<'volumes' | 'snapshots', string> = { volumes: '', snapshots: '' };
beforeAll(async () => {
  api = await startTestApi();
  await unlimited(api.database);
  const volume = await seedVolume(api.database, { metadata: { a: '1' } });
  paths.volumes = `/v3/volumes/${volume}/metadata`;
  paths.snapshots = `/v3/p/snapshots/${await seedSnapshot(api.database, volume)}/metadata`;
});
afterAll(() => api.close());

describe.each(['volumes', 'snapshots'] as const)('metadata of %s', (collection) => {
  const me = () => api.as('u:p');
  const path = (): string => paths[collection];

  it('is replaced, merged, and changed key by key', async () => {
    expect((await me().put(path(), { metadata: { a: '1' } })).body).toEqual({ metadata: { a: '1' } });
    expect(await me().post(path(), { metadata: { b: '2' } })).toMatchObject({
      status: 200,
      body: { metadata: { a: '1', b: '2' } },
    });
    expect(await me().put(`${path()}/b`, { meta: { b: '3' } })).toMatchObject({
      status: 200,
      body: { meta: { b: '3' } },
    });
    expect((await me().get(`${path()}/b`)).body).toEqual({ meta: { b: '3' } });
    const removed = await me().delete(`${path()}/b`);
    expect([removed.status, removed.text]).toEqual([200, '']);
    expect((await me().get(path())).body).toEqual({ metadata: { a: '1' } });
  });

  it.each<[string, string, object, number]>([
    ['PUT', '', {}, 400],
    ['PUT', '', { metadata: null }, 400],
    ['PUT', '', { metadata: {}, more: 1 }, 400],
    ['POST', '', { metadata: { a: 1 } }, 400],
    ['PUT', '/b', { meta: { b: 'x', c: 'y' } }, 400],
    ['PUT', '/b', { meta: { c: 'y' } }, 400],
    ['PUT', '/b', { meta: {} }, 400],
    ['POST', '', { metadata: Object.fromEntries(Array.from({ length: 257 }, (_, n) => [`k${n}`, ''])) }, 400],
  ])('%s %s %j is %i', async (method, suffix, body, status) => {
    expect((await me().send(method, `${path()}${suffix}`, body)).status).toBe(status);
  });

  it.each(['GET', 'DELETE'])('%s of an absent key is 404', async (method) => {
    for (const key of ['nothing', 'constructor'])
      expect((await me().send(method, `${path()}/${key}`)).status).toBe(404);
  });

  it('loses no key when many are set at once', async () => {
    await Promise.all(
      Array.from({ length: 12 }, (_, n) => me().put(`${path()}/many${n}`, { meta: { [`many${n}`]: 'x' } })),
    );
    const { body } = await me().get(path());
    expect(Object.keys(body.metadata).filter((key) => key.startsWith('many'))).toHaveLength(12);
  });
});

describe('the number of items', () => {
  const items = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, '']));

  it('is bounded by every way that they come in', async () => {
    const id = await seedVolume(api.database, { metadata: items(256) });
    const me = api.as('u:p');
    expect((await me.post('/v3/volumes', { volume: { size: 1, metadata: items(257) } })).status).toBe(400);
    expect((await me.put(`/v3/volumes/${id}`, { volume: { metadata: items(257) } })).status).toBe(400);
    expect((await me.post(`/v3/volumes/${id}/metadata`, { metadata: { one: 'more' } })).status).toBe(400);
    expect((await me.put(`/v3/volumes/${id}/metadata/one`, { meta: { one: 'more' } })).status).toBe(400);
    const snapshot = { volume_id: id, metadata: items(257) };
    expect((await me.post('/v3/snapshots', { snapshot })).status).toBe(400);
  });

  it('lets a row that has too many lose one, and take none', async () => {
    const id = await seedVolume(api.database, { metadata: items(300) });
    const path = `/v3/volumes/${id}/metadata`;
    expect((await api.as('u:p').delete(`${path}/k0`)).status).toBe(200);
    expect((await api.as('u:p').put(`${path}/k1`, { meta: { k1: 'other' } })).status).toBe(400);
    expect(Object.keys((await api.as('u:p').get(path)).body.metadata)).toHaveLength(299);
  });
});

describe('the entity tag of volume metadata', () => {
  it('guards a replacement from 3.15', async () => {
    const me = api.as('u:p');
    const { headers } = await me.get(paths.volumes, { version: '3.15' });
    const etag = headers.get('etag')!;
    expect(etag).toMatch(/^"[0-9a-f]{32}"$/);
    expect((await me.get(paths.volumes, { version: '3.14' })).headers.get('etag')).toBeNull();
    const replace = (value: string, match: string, version = '3.15') =>
      me.put(paths.volumes, { metadata: { v: value } }, { version, headers: { 'if-match': match } });
    expect((await replace('1', etag)).status).toBe(200);
    const stale = await replace('2', etag);
    expect([stale.status, stale.body.computeFault.code]).toEqual([412, 412]);
    expect((await replace('3', etag, '3.14')).status).toBe(200);
    expect((await replace('4', '*')).status).toBe(200);
  });

  it('guards a single key from 3.15', async () => {
    const me = api.as('u:p');
    const path = `/v3/volumes/${await seedVolume(api.database, { metadata: { k: '0' } })}/metadata`;
    const etag = (await me.get(path, { version: '3.15' })).headers.get('etag')!;
    const set = (value: string, match: string, version = '3.15') =>
      me.put(`${path}/k`, { meta: { k: value } }, { version, headers: { 'if-match': match } });
    expect((await set('1', etag)).status).toBe(200);
    expect((await set('2', etag)).status).toBe(412);
    expect((await me.get(`${path}/k`)).body).toEqual({ meta: { k: '1' } });
    expect((await set('3', etag, '3.14')).status).toBe(200);
  });

  it('lets nobody write while the volume is uploaded or in maintenance', async () => {
    const id = await seedVolume(api.database, { status: 'maintenance' });
    expect((await api.as('u:p').put(`/v3/volumes/${id}/metadata`, { metadata: {} })).status).toBe(400);
    expect((await api.as('u:p').put(`/v3/volumes/${id}`, { volume: { name: 'x' } })).status).toBe(400);
  });
});

describe('PUT of a volume', () => {
  it.each<[object, string, number, object]>([
    [{ name: 'n' }, '3.0', 200, { name: 'n' }],
    [{ display_name: 'm', description: null }, '3.0', 200, { name: 'm', description: null }],
    [{ name: null, display_name: 'm' }, '3.0', 200, { name: null }],
    [{ metadata: { x: 'y' } }, '3.0', 200, { metadata: { x: 'y' } }],
    [{ name: null }, '3.53', 200, { name: null }],
    [{}, '3.52', 200, {}],
    [{}, '3.53', 400, {}],
    [{ size: 3 }, '3.0', 400, {}],
    [{ metadata: null }, '3.0', 400, {}],
    [{ name: 'n', metadata: null }, '3.71', 400, {}],
    [{ size: 3 }, '3.53', 400, {}],
    [{ name: 'x'.repeat(256) }, '3.0', 400, {}],
  ])('%j in %s is %i', async (volume, version, status, after) => {
    const id = await seedVolume(api.database, { name: 'before', metadata: { kept: '1' } });
    const reply = await api.as('u:p').put(`/v3/volumes/${id}`, { volume }, { version });
    expect(reply.status).toBe(status);
    if (status === 400) {
      const { body } = await api.as('u:p').get(`/v3/volumes/${id}`);
      expect(body.volume).toMatchObject({ name: 'before', metadata: { kept: '1' } });
    }
    if (status === 200) expect(reply.body.volume).toMatchObject(after);
  });

  it('answers no extension keys, as a create does', async () => {
    const id = await seedVolume(api.database);
    const { body } = await api.as('u:p').put(`/v3/volumes/${id}`, { volume: { name: 'n' } });
    expect(Object.keys(body.volume).filter((key) => key.startsWith('os-'))).toEqual([]);
    expect(body.volume.attachments).toEqual([]);
  });
});
