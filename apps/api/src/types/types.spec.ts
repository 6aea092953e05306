import { randomUUID } from 'node:crypto';
import { waitFor } from '@scoria/testing';
import { RoleAuthenticator } from '../testing/role-authenticator.js';
import { seedVolume } from '../testing/seed.js';
import { startTestApi, type TestApi } from '../testing/test-api.js';

interface VolumeType {
  id: string;
  name: string;
  is_public: boolean;
  extra_specs: Record<string, string | null>;
  [key: string]: unknown;
}

interface Answer {
  volume_type: VolumeType;
  volume_types: VolumeType[];
  volume_type_links: { href: string }[];
  volume_type_access: object[];
  extra_specs: Record<string, string>;
  [key: string]: unknown;
}

const ADMIN = 'a:p:admin';
const USER = 'u:q:reader,member';
const version = '3.71';
let api: TestApi;
beforeAll(async () => void (api = await startTestApi({ authenticator: new RoleAuthenticator() })));
afterAll(() => api.close());

const send = (method: string, path: string, body?: unknown, token = ADMIN, at = version) =>
  api.as(token).send<Answer>(method, `/v3${path}`, body, { version: at });
const make = async (more: object = {}): Promise<VolumeType> =>
  (await send('POST', '/types', { volume_type: { name: randomUUID(), ...more } })).body.volume_type;
const SECRET = { volume_backend_name: 'secret', multiattach: '<is> True' };

async function useType(id: string): Promise<string> {
  const volume = await seedVolume(api.database, { project: 'uses-types' });
  await api.database.query('update volumes set volume_type_id = $2 where id = $1', [volume, id]);
  return volume;
}

describe('a volume type', () => {
  it('is made, shown, changed and removed', async () => {
    const made = await send('POST', '/types', {
      volume_type: {
        name: ' gold ',
        description: 'd',
        extra_specs: SECRET,
        'os-volume-type-access:is_public': true,
      },
    });
    const type = made.body.volume_type;
    expect([made.status, type]).toEqual([
      200,
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        name: 'gold',
        is_public: true,
        description: 'd',
        extra_specs: SECRET,
        'os-volume-type-access:is_public': true,
        qos_specs_id: null,
      },
    ]);
    expect((await send('GET', `/types/${type.id}`)).body.volume_type).toEqual(type);
    const changed = await send('PUT', `/types/${type.id}`, {
      volume_type: { name: 'silver', is_public: false },
    });
    expect([changed.status, changed.body.volume_type]).toEqual([
      200,
      expect.objectContaining({ name: 'silver', is_public: false, description: 'd' }),
    ]);
    expect((await send('DELETE', `/types/${type.id}`)).status).toBe(202);
    expect((await send('GET', `/types/${type.id}`)).status).toBe(404);
  });

  it('has one name', async () => {
    const { name } = await make();
    const other = await make();
    expect((await send('POST', '/types', { volume_type: { name } })).status).toBe(409);
    expect((await send('PUT', `/types/${other.id}`, { volume_type: { name } })).status).toBe(409);
    const both = Array.from({ length: 2 }, () => send('POST', '/types', { volume_type: { name: 'race' } }));
    expect((await Promise.all(both)).map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  it.each<[string, object]>([
    ['without a name', {}],
    ['with a blank name', { name: '  ' }],
    ['with an unknown key', { name: 'x', is_public: true }],
    ['with a spec whose key has a space', { name: 'x', extra_specs: { 'a b': 'c' } }],
    ['with a spec that is no text', { name: 'x', extra_specs: { a: 1 } }],
    [
      'that is multiattach and cached',
      { name: 'x', extra_specs: { multiattach: '<is> True', cacheable: '<is> True' } },
    ],
  ])('%s is refused', async (_what, type) => {
    expect((await send('POST', '/types', { volume_type: type })).status).toBe(400);
  });

  it.each<[string, object]>([
    ['nothing', {}],
    ['a blank name', { name: '   ' }],
    ['a number for a name', { name: 1 }],
  ])('is not changed by %s', async (_what, change) => {
    const { id } = await make();
    expect((await send('PUT', `/types/${id}`, { volume_type: change })).status).toBe(400);
  });

  it('does not get a name that another type is given at the same time', async () => {
    const [one, other, name] = [await make(), await make(), randomUUID()];
    const blocked = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    const late = await api.database.transaction(async (tx) => {
      await tx.query('update volume_types set name = $2 where id = $1', [one.id, name]);
      const answer = send('PUT', `/types/${other.id}`, { volume_type: { name } });
      await waitFor(async () => (await api.database.query(blocked)).length > 0);
      return { answer };
    });
    expect((await late.answer).status).toBe(409);
  });

  it('takes its limits along when it is renamed, and with it when it goes', async () => {
    const { id, name } = await make();
    const limits = () =>
      api.database.query<{ resource: string }>(
        `select resource from quota_limits where project_id = 'limited'`,
      );
    await api.database.query(`insert into quota_limits values ('limited', $1, 3)`, [`gigabytes_${name}`]);
    await send('PUT', `/types/${id}`, { volume_type: { name: 'renamed' } });
    expect(await limits()).toEqual([{ resource: 'gigabytes_renamed' }]);
    await send('DELETE', `/types/${id}`);
    expect(await limits()).toEqual([]);
  });
});

describe('a type that volumes need', () => {
  it('is not deleted while in use, nor are its specs changed', async () => {
    const { id } = await make({ extra_specs: { a: 'b' } });
    const volume = await useType(id);
    const answers = [
      await send('DELETE', `/types/${id}`),
      await send('POST', `/types/${id}/extra_specs`, { extra_specs: { c: 'd' } }),
      await send('PUT', `/types/${id}/extra_specs/a`, { a: 'c' }),
      await send('DELETE', `/types/${id}/extra_specs/a`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400]);
    expect((await send('GET', `/types/${id}`)).body.volume_type.extra_specs).toEqual({ a: 'b' });
    await api.database.query('delete from volumes where id = $1', [volume]);
    expect((await send('DELETE', `/types/${id}`)).status).toBe(202);
  });

  it('is not deleted as the default, nor as the last one', async () => {
    const { body } = await send('GET', '/types/default', undefined, USER);
    expect(body.volume_type.name).toBe('__DEFAULT__');
    expect((await send('DELETE', `/types/${body.volume_type.id}`)).status).toBe(400);
    await using lonely = await startTestApi({ config: { api: { defaultVolumeType: 'none' } } });
    const types = await lonely.as('a:p').send<Answer>('GET', '/v3/types');
    const path = `/v3/types/${types.body.volume_types[0]!.id}`;
    expect((await lonely.as('a:p').delete(path)).status).toBe(400);
    expect((await lonely.as('a:p').get('/v3/types/default')).status).toBe(404);
  });
});

describe('a tenant', () => {
  it('sees public types and those it was given, and only the specs that concern it', async () => {
    const open = await make({ extra_specs: SECRET });
    const hidden = await make({ 'os-volume-type-access:is_public': false });
    const given = await make({ 'os-volume-type-access:is_public': false });
    expect(
      (await send('POST', `/types/${given.id}/action`, { addProjectAccess: { project: 'q' } })).status,
    ).toBe(202);
    const { body } = await send('GET', '/types?is_public=None', undefined, USER);
    const ids = body.volume_types.map(({ id }) => id);
    expect([ids.includes(open.id), ids.includes(given.id), ids.includes(hidden.id)]).toEqual([
      true,
      true,
      false,
    ]);
    const seen = body.volume_types.find(({ id }) => id === open.id)!;
    expect(seen.extra_specs).toEqual({ multiattach: '<is> True' });
    expect(seen).not.toHaveProperty('qos_specs_id');
    expect((await send('GET', `/types/${hidden.id}`, undefined, USER)).status).toBe(404);
    expect((await send('GET', `/types/${hidden.id}/extra_specs`, undefined, USER)).status).toBe(404);
    const specs = await send('GET', `/types/${open.id}/extra_specs`, undefined, USER);
    expect(specs.body.extra_specs).toEqual({ multiattach: '<is> True' });
    const key = await send('GET', `/types/${open.id}/extra_specs/volume_backend_name`, undefined, USER);
    expect(key.status).toBe(404);
  });

  it('cannot find hidden specs by filtering', async () => {
    const { id } = await make({ extra_specs: SECRET });
    const find = async (spec: string, token: string) => {
      const path = `/types?extra_specs=${encodeURIComponent(spec)}`;
      return (await send('GET', path, undefined, token)).body.volume_types.some((type) => type.id === id);
    };
    expect(await find(`{'volume_backend_name': 'secret'}`, USER)).toBe(false);
    expect(await find(`{'volume_backend_name': 'secret'}`, ADMIN)).toBe(true);
    expect(await find(`{'multiattach': '<is> True'}`, USER)).toBe(true);
  });

  it('changes nothing', async () => {
    const { id } = await make();
    const answers = [
      await send('POST', '/types', { volume_type: { name: 'x' } }, USER),
      await send('PUT', `/types/${id}`, { volume_type: { name: 'x' } }, USER),
      await send('DELETE', `/types/${id}`, undefined, USER),
      await send('POST', `/types/${id}/extra_specs`, { extra_specs: {} }, USER),
      await send('POST', `/types/${id}/action`, { addProjectAccess: { project: 'q' } }, USER),
      await send('GET', `/types/${id}/os-volume-type-access`, undefined, USER),
    ];
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(403));
  });
});

describe('an administrator', () => {
  it('lists public, private or all types, page by page', async () => {
    const open = await make();
    const hidden = await make({ 'os-volume-type-access:is_public': false });
    const listed = async (query: string) =>
      (await send('GET', `/types${query}`)).body.volume_types.map(({ id }) => id);
    expect(await listed('')).not.toContain(hidden.id);
    expect(await listed('?is_public=none')).toEqual(expect.arrayContaining([open.id, hidden.id]));
    const closed = await listed('?is_public=False');
    expect([closed.includes(hidden.id), closed.includes(open.id)]).toEqual([true, false]);
    expect((await send('GET', '/types?is_public=maybe')).status).toBe(400);
    const page = await send('GET', '/types?limit=1');
    expect(page.body.volume_types).toHaveLength(1);
    const next = await fetch(page.body.volume_type_links[0]!.href, {
      headers: { 'x-auth-token': ADMIN, 'openstack-api-version': `volume ${version}` },
    });
    const second = (await next.json()) as Answer;
    expect(second.volume_types[0]!.id).not.toBe(page.body.volume_types[0]!.id);
  });

  it('gives and takes access to private types alone', async () => {
    const open = await make();
    const { id } = await make({ 'os-volume-type-access:is_public': false });
    const act = (type: string, action: string, project: string) =>
      send('POST', `/types/${type}/action`, { [action]: { project } });
    expect((await act(open.id, 'addProjectAccess', 'q')).status).toBe(400);
    expect((await send('GET', `/types/${open.id}/os-volume-type-access`)).status).toBe(404);
    expect((await act(id, 'addProjectAccess', 'z')).status).toBe(202);
    expect((await act(id, 'addProjectAccess', 'z')).status).toBe(409);
    const { body } = await send('GET', `/types/${id}/os-volume-type-access`);
    expect(body.volume_type_access).toEqual([{ volume_type_id: id, project_id: 'z' }]);
    expect((await act(id, 'removeProjectAccess', 'z')).status).toBe(202);
    expect((await act(id, 'removeProjectAccess', 'z')).status).toBe(404);
    expect((await send('GET', `/types/${id}/encryption`)).body).toEqual({});
  });
});

describe('extra specs', () => {
  it('are set, read and removed one by one', async () => {
    const { id } = await make();
    const path = `/types/${id}/extra_specs`;
    const set = await send('POST', path, { extra_specs: { 'capabilities:a': '1', b: '2' } });
    expect([set.status, set.body.extra_specs]).toEqual([200, { 'capabilities:a': '1', b: '2' }]);
    expect((await send('PUT', `${path}/b`, { b: '3' })).body).toEqual({ b: '3' });
    expect((await send('GET', `${path}/capabilities:a`)).body).toEqual({ 'capabilities:a': '1' });
    expect((await send('DELETE', `${path}/capabilities:a`)).status).toBe(202);
    expect((await send('DELETE', `${path}/capabilities:a`)).status).toBe(404);
    expect((await send('GET', path)).body.extra_specs).toEqual({ b: '3' });
  });

  it.each<[string, unknown]>([
    ['another key than the URL', { c: '1' }],
    ['two keys', { b: '1', c: '1' }],
    ['a number', { b: 1 }],
    ['nothing', undefined],
  ])('are not set by %s', async (_what, body) => {
    const { id } = await make();
    expect((await send('PUT', `/types/${id}/extra_specs/b`, body)).status).toBe(400);
  });
});
