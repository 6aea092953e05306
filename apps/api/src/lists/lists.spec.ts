import { startTestApi, type TestApi } from '../testing/test-api.js';
import { RoleAuthenticator } from '../testing/role-authenticator.js';
import { seedVolume, unlimited } from '../testing/seed.js';
import { statementsOf } from '../testing/statements.js';

let api: TestApi;
const ids: string[] = [];
beforeAll(async () => {
  api = await startTestApi({ authenticator: new RoleAuthenticator(), config: { api: { maxLimit: 7 } } });
  await unlimited(api.database);
  for (let n = 0; n < 12; n++) {
    ids.push(
      await seedVolume(api.database, {
        name: ['b', 'a', 'c'][n % 3]!,
        size: (n % 4) + 1,
        metadata: { n: String(n), "it's": 'x' },
        bootable: n % 2 === 0,
        createdAt: `2026-01-01T00:00:${String(n - (n % 2)).padStart(2, '0')}Z`,
      }),
    );
  }
});
afterAll(() => api.close());

interface Item {
  id: string;
  size: number;
  name: string;
}

/** All pages, by the links that the service itself gives. */
async function walk(first: string, token = 'u:p:reader'): Promise<Item[]> {
  const items: Item[] = [];
  let path: string | undefined = first;
  for (let pages = 0; path !== undefined && pages < 30; pages++) {
    const {
      status,
      body,
    }: { status: number; body: { volumes: Item[]; volumes_links?: { rel: string; href: string }[] } } =
      await api.as(token).get(path);
    expect(status).toBe(200);
    items.push(...body.volumes);
    expect(body.volumes_links?.[0]?.rel ?? 'next').toBe('next');
    path = body.volumes_links?.[0]?.href.replace(api.url, '');
  }
  return items;
}

const idsOf = (items: { id: string }[]): string[] => items.map(({ id }) => id);

describe('a list', () => {
  it('is newest first, by id where times are equal, and whole when its pages are followed', async () => {
    const items = await walk('/v3/volumes/detail?limit=5');
    expect(idsOf(items).sort()).toEqual([...ids].sort());
    const pairs = Array.from({ length: 6 }, (_, n) =>
      ids
        .slice(n * 2, n * 2 + 2)
        .sort()
        .reverse(),
    ).reverse();
    expect(idsOf(items)).toEqual(pairs.flat());
  });

  it.each([
    'sort=size:asc,name:desc',
    'sort=name:asc,size:desc',
    'sort=bootable:asc,id:desc',
    'sort_key=name&sort_dir=asc',
    'sort=created_at:asc',
  ])('neither loses nor doubles a row between pages with %s', async (sort) => {
    const small = idsOf(await walk(`/v3/volumes/detail?limit=1&${sort}`));
    expect(new Set(small).size).toBe(12);
    expect(idsOf(await walk(`/v3/volumes/detail?limit=5&${sort}`))).toEqual(small);
    expect(idsOf(await walk(`/v3/volumes/detail?${sort}`))).toEqual(small);
  });

  it('sorts by several keys', async () => {
    const items = await walk('/v3/volumes/detail?sort=size:asc,name:desc');
    const keys = items.map(({ size, name }) => `${size}${name === 'a' ? 3 : name === 'b' ? 2 : 1}`);
    expect(keys).toEqual([...keys].sort());
  });

  it('cuts at the greatest limit and then says where it goes on', async () => {
    const { body } = await api
      .as('u:p:reader')
      .get('/v3/volumes?limit=100&name=a&name=b&name=c', { version: '3.40' });
    expect(body.volumes).toHaveLength(7);
    const next = new URL(body.volumes_links[0]!.href);
    expect(next.pathname).toBe('/v3/p/volumes');
    expect(next.searchParams.get('limit')).toBe('100');
    expect(next.searchParams.get('marker')).toBe(body.volumes[6]!.id);
    expect(next.searchParams.getAll('name')).toEqual(['a', 'b', 'c']);
  });

  it('takes a limit of 0 and an offset', async () => {
    const me = api.as('u:p:reader');
    expect((await me.get('/v3/volumes?limit=0')).body).toEqual({ volumes: [] });
    const all = idsOf((await me.get('/v3/volumes?limit=7')).body.volumes);
    expect(idsOf((await me.get('/v3/volumes?limit=3&offset=2')).body.volumes)).toEqual(all.slice(2, 5));
  });

  it('counts everything that matches from 3.45', async () => {
    const me = api.as('u:p:reader');
    expect((await me.get('/v3/volumes?limit=2&with_count=true&name=a', { version: '3.45' })).body.count).toBe(
      4,
    );
    expect(
      (await me.get('/v3/volumes?limit=2&with_count=true&name=a', { version: '3.30' })).body.count,
    ).toBeUndefined();
  });

  it.each([
    ['limit=-1', 400],
    ['limit=x', 400],
    ['limit=1.5', 400],
    ['offset=-1', 400],
    ['offset=2147483648', 400],
    ['sort=nothing', 400],
    ['sort=name:up', 400],
    ['sort=name&sort_key=name', 400],
    ['sort_key=__proto__', 400],
    ['sort=size:asc,size:desc', 400],
    [`sort=${'id,'.repeat(1700)}id`, 400],
    ['marker=00000000-0000-4000-8000-000000000000', 404],
    ['marker=nothing', 404],
    ['metadata=nothing', 400],
    ["metadata={'a':", 400],
    ['bootable=maybe', 400],
  ])('refuses %s with %i', async (query, status) => {
    expect((await api.as('u:p:reader').get(`/v3/volumes?${query}`, { version: '3.30' })).status).toBe(status);
  });

  it("does not take another project's row for a marker", async () => {
    const foreign = await seedVolume(api.database, { project: 'foreign' });
    expect((await api.as('u:p:reader').get(`/v3/volumes?marker=${foreign}`)).status).toBe(404);
  });
});

describe('filters', () => {
  const count = async (query: string, version = '3.71', token = 'u:p:reader'): Promise<number> => {
    const { status, body } = await api.as(token).get(`/v3/volumes?with_count=1&${query}`, { version });
    return status === 200 ? body.count : status;
  };

  it.each([
    ['name=a', 4],
    ['name=a&size=1', 1],
    ['name=a&name=b', 8],
    ['bootable=true', 6],
    ['bootable=F', 6],
    ['status=error', 0],
    ["metadata={'n': '3'}", 1],
    [`metadata={"n":"3"}`, 1],
    ["metadata={'n':'3','x':'y'}", 0],
    [`metadata={"it's": "x"}`, 12],
    ['size=2', 3],
    ['size=big', 0],
    ['availability_zone=nova', 12],
    ['group_id=x', 0],
    ['consumes_quota=false', 0],
    ['created_at=gt:2026-01-01T00:00:08', 2],
    ['created_at=gte:2026-01-01T00:00:08,lt:2026-01-01T00:00:10', 2],
    ['created_at=eq:2026-01-01T00:00:00', 2],
    ['created_at=neq:2026-01-01 00:00:00', 10],
    ['created_at=gt:2026-01-01', 10],
    ['created_at=gt:2026-01-01T01:00:08%2B01:00', 2],
    ['created_at=gt:2024-02-29T23:59:59.999999', 12],
    ['created_at=gt:whenever', 400],
    ['created_at=gt:2020-02-30T00:00:00', 400],
    ['created_at=gt:2021-02-29', 400],
    ['created_at=gt:0000-01-01T00:00:00', 400],
    ['created_at=gt:2020-01-01T24:00:00', 400],
    ['created_at=gt:2020-01-01T00:00:00%2B16:00', 400],
    ['created_at=gt:2020-01-01T00:00:00%2B15:59', 12],
    ['created_at=constructor:2020-01-01T00:00:00', 400],
    ["name=' or 1=1 --", 0],
    ['name=%25', 0],
  ])('%s finds %i', async (query, found) => {
    expect(await count(query)).toBe(found);
  });

  it('are dropped before 3.31 when not for everybody, and refused from then on', async () => {
    const me = api.as('u:p:reader');
    const all = (await me.get('/v3/volumes?nonsense=1&user_id=x', { version: '3.30' })).body.volumes;
    expect(all).toHaveLength(7);
    const refused = await me.get('/v3/volumes?nonsense=1&user_id=x&name=a', { version: '3.31' });
    expect([refused.status, refused.body.badRequest.message]).toEqual([
      400,
      expect.stringContaining('nonsense, user_id'),
    ]);
  });

  it('are any column for administrators, and nothing matches one that is not there', async () => {
    expect(await count('user_id=u', '3.71', 'a:p:admin')).toBe(12);
    expect(await count('nonsense=1', '3.71', 'a:p:admin')).toBe(0);
    expect(await count('host=host@lvm', '3.71', 'a:p:admin')).toBe(12);
    expect(await count('host=host@lvm%23pool', '3.71', 'a:p:admin')).toBe(12);
    expect(await count('host=other', '3.71', 'a:p:admin')).toBe(0);
  });

  it('may be inexact from 3.34, for those whom the operator lets', async () => {
    await seedVolume(api.database, { project: 'inexact', name: 'my_100%_disk' });
    const as = 'a:inexact:admin';
    expect(await count('name~=100%25', '3.71', as)).toBe(1);
    expect(await count('name~=y_1', '3.71', as)).toBe(1);
    expect(await count('name~=yx1', '3.71', as)).toBe(0);
    expect(await count('name~=a', '3.71')).toBe(400);
  });

  it('read bootable loosely before 3.2', async () => {
    expect(
      (await api.as('u:p:reader').get('/v3/volumes?bootable=maybe', { version: '3.1' })).body.volumes,
    ).toHaveLength(6);
  });
});

describe('yes and no in a query', () => {
  it.each(['1', 't', 'TRUE', 'on', 'Y', 'yEs'])('%s is yes', async (yes) => {
    const { body } = await api.as('u:p:reader').get(`/v3/volumes?with_count=${yes}`, { version: '3.45' });
    expect(body.count).toBeGreaterThan(0);
  });

  it.each(['0', 'F', 'false', 'Off', 'n', 'NO'])('%s is no', async (no) => {
    const { body } = await api.as('u:p:reader').get(`/v3/volumes?with_count=${no}`, { version: '3.45' });
    expect(body.count).toBeUndefined();
  });

  it.each([
    ['GET', '/v3/volumes?with_count=maybe'],
    ['GET', '/v3/volumes?with_count='],
    ['GET', '/v3/volumes?all_tenants=2'],
    ['GET', '/v3/volumes/summary?all_tenants=all'],
    ['GET', '/v3/types?is_public=maybe'],
    ['GET', '/v3/scheduler-stats/get_pools?detail=much'],
    ['GET', '/v3/os-quota-sets/p?usage=some'],
    ['DELETE', '/v3/volumes/$id?cascade=maybe'],
    ['DELETE', '/v3/volumes/$id?force=maybe'],
  ])('%s %s is neither, and touches nothing', async (method, path) => {
    const target = path.replace('$id', ids[0]!);
    expect((await api.as('a:p:admin').send(method, target, undefined, { version: '3.45' })).status).toBe(400);
    expect((await api.as('u:p:reader').get(`/v3/volumes/${ids[0]}`)).body.volume.status).toBe('available');
  });
});

describe('the number of statements', () => {
  it.each([
    '/v3/volumes',
    '/v3/volumes/detail?limit=3',
    '/v3/volumes/detail?with_count=1&name=a',
    '/v3/snapshots/detail',
    '/v3/volumes/summary',
  ])('is one for %s, whatever the length', async (path) => {
    const statements = await statementsOf(api.database, () =>
      api.as('u:p:reader').get(path, { version: '3.60' }),
    );
    expect(statements).toHaveLength(1);
  });

  it('is one with a marker too', async () => {
    const statements = await statementsOf(api.database, () =>
      api.as('u:p:reader').get(`/v3/volumes/detail?marker=${ids[5]}`),
    );
    expect(statements).toHaveLength(1);
  });

  it('is five for a create: begin, type, operation, volume, commit', async () => {
    const statements = await statementsOf(api.database, () =>
      api.as('u:p:member').post('/v3/volumes', { volume: { size: 1 } }),
    );
    expect(statements).toHaveLength(5);
  });
});
