import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { CHANGE_EVENTS } from '@scoria/domain';
import { OPERATIONS } from '@scoria/operations';
import { heldBackSeconds, recordEvents, type NewEvent } from '@scoria/store';
import { waitFor } from '@scoria/testing';
import { RoleAuthenticator } from '../testing/role-authenticator.js';
import { seedVolume, unlimited } from '../testing/seed.js';
import { startTestApi, type TestApi } from '../testing/test-api.js';

interface Event {
  id: string;
  type: string;
  project_id: string | null;
  resource_type: string;
  resource_id: string | null;
  request_id: string;
  payload: Record<string, unknown>;
}

interface Page {
  events: Event[];
  next: string;
  events_links?: { href: string }[];
  gone: { message: string; oldest: string };
}

let api: TestApi;
beforeAll(async () => void (api = await startTestApi({ authenticator: new RoleAuthenticator() })));
afterAll(() => api.close());

const tenant = (project: string) => api.as(`u:${project}:reader,member`);
const admin = () => api.as('boss:office:admin');
const get = (project: string, query = '') => tenant(project).get<Page>(`/scoria/v1/events${query}`);

/** Once so many can be read: whatever else runs in the server may hold them back for a moment. */
const pageOf = (project: string, length: number, query = ''): Promise<Page> =>
  waitFor(async () => (await get(project, query)).body, { until: ({ events }) => events.length >= length });

const write = (projectId: string, ...types: NewEvent['type'][]): Promise<void> =>
  api.database.transaction((tx) =>
    recordEvents(
      tx,
      types.map((type) => ({ type, projectId, resourceId: randomUUID() })),
      'req-1',
    ),
  );

test('an accepted request is told of with what is asked for, and a refused one is not', async () => {
  await unlimited(api.database, 'maker');
  const client = tenant('maker');
  const made = await client.post('/v3/volumes', { volume: { size: 2, name: 'disk' } });
  expect((await client.post('/v3/volumes', { volume: { size: 0 } })).status).toBe(400);
  const { events } = await pageOf('maker', 1);
  expect(events).toEqual([
    {
      id: expect.any(String),
      type: 'volume.create.start',
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      project_id: 'maker',
      resource_type: 'volume',
      resource_id: made.body.volume.id,
      operation_id: expect.any(String),
      request_id: made.headers.get('x-openstack-request-id'),
      payload: { name: 'disk', size: 2, volume_type_id: expect.any(String) },
    },
  ]);
});

test('changes that are no operations are told of, with the row as they leave it', async () => {
  const id = await seedVolume(api.database, { project: 'changer' });
  const client = tenant('changer');
  await client.put(`/v3/volumes/${id}`, { volume: { name: 'new' } });
  await client.post(`/v3/volumes/${id}/metadata`, { metadata: { secret: 'value' } });
  await client.post(`/v3/volumes/${id}/action`, { 'os-reserve': null });
  await client.post(`/v3/volumes/${id}/action`, { 'os-unreserve': null });
  await client.post(`/v3/volumes/${id}/action`, { 'os-unreserve': null }); // Nothing to release: nothing happened.
  const attachment = await client.post<{ attachment: { id: string } }>(
    '/v3/attachments',
    { attachment: { volume_uuid: id } },
    { version: '3.54' },
  );
  await client.delete(`/v3/attachments/${attachment.body.attachment.id}`, { version: '3.54' });
  await admin().put('/v3/os-quota-sets/changer', { quota_set: { volumes: 7 } });
  const { events } = await pageOf('changer', 7);
  expect(events.map(({ type, payload }) => [type, payload['status'], payload['changed']])).toEqual([
    ['volume.update', 'available', ['name']],
    ['volume.update', 'available', ['metadata']],
    ['volume.reserve', 'attaching', undefined],
    ['volume.unreserve', 'available', undefined],
    ['attachment.create', 'reserved', undefined],
    ['attachment.disconnect.end', 'deleted', undefined],
    ['quota.update', undefined, undefined],
  ]);
  expect(events[0]!.payload['name']).toBe('new');
  expect(events[6]).toMatchObject({ resource_id: null, payload: { limits: { volumes: 7 } } });
  expect(JSON.stringify(events)).not.toContain('value');
  expect(JSON.stringify(events)).not.toContain('host@');
});

test('a request that is replayed by its key happens once, and is told of once', async () => {
  const id = await seedVolume(api.database, { project: 'twice' });
  const headers = { 'idempotency-key': randomUUID() };
  for (let n = 0; n < 2; n++)
    await tenant('twice').put(`/v3/volumes/${id}`, { volume: { name: 'x' } }, { headers });
  await write('twice', 'quota.reset');
  expect((await pageOf('twice', 2)).events.map(({ type }) => type)).toEqual(['volume.update', 'quota.reset']);
});

test('a tenant cannot see the events of another, nor those of the cloud, whatever it asks for', async () => {
  await write('victim', 'volume.update');
  const type = await admin().post<{ volume_type: { id: string } }>('/v3/types', {
    volume_type: { name: `t-${randomUUID()}` },
  });
  const all = await waitFor(
    async () => (await admin().get<Page>('/scoria/v1/events?all_projects=true&limit=1000')).body.events,
    { until: (events) => events.some(({ resource_id: id }) => id === type.body.volume_type.id) },
  );
  const foreign = all.find(({ project_id: project }) => project === 'victim')!;
  const ask = async (query: string) => (await get('spy', query)).body.events;
  expect(await ask('')).toEqual([]);
  expect(await ask('?limit=1000&type=volume')).toEqual([]);
  expect(await ask(`?resource_id=${foreign.resource_id}`)).toEqual([]);
  expect((await get('spy', '?all_projects=true')).status).toBe(403);
  expect((await get('spy', '?project_id=victim')).status).toBe(400);
  expect((await api.as('u:p:').get('/scoria/v1/events')).status).toBe(403);
});

test('pages are followed by their cursor, and filtered by type, resource and kind of resource', async () => {
  await write('pager', 'volume.update', 'snapshot.update', 'volume.reserve', 'volume.unreserve');
  const { events } = await pageOf('pager', 4);
  const first = (await get('pager', '?limit=3&type=volume.')).body;
  expect(first.events.map(({ type }) => type)).toEqual([
    'volume.update',
    'volume.reserve',
    'volume.unreserve',
  ]);
  expect(first.next).toBe(events[3]!.id);
  const two = (await get('pager', '?limit=2')).body;
  const rest = await tenant('pager').get<Page>(
    new URL(two.events_links![0]!.href).pathname + new URL(two.events_links![0]!.href).search,
  );
  expect([...two.events, ...rest.body.events]).toEqual(events);
  const none = (await get('pager', `?after=${rest.body.next}`)).body;
  expect(none).toEqual({ events: [], next: expect.any(String) });
  const count = async (query: string) => (await get('pager', query)).body.events.length;
  expect(await count(`?resource_id=${events[1]!.resource_id}`)).toBe(1);
  expect(await count('?resource_type=snapshot')).toBe(1);
  expect(await count('?type=volume.update,snapshot')).toBe(2);
  expect(await count('?after=now')).toBe(0);
});

test('a page without events says where to go on, when what is asked for is far from where it begins', async () => {
  await api.database.query(
    `insert into events (type, project_id, resource_type) select 'volume.update', 'far', 'volume'
       from generate_series(1, 12000)`,
  );
  await write('far', 'snapshot.update');
  await waitFor(() => heldBackSeconds(api.database), { until: (seconds) => seconds === 0 });
  const pages: Page[] = [];
  for (let query: string | undefined = '?type=snapshot.&limit=5'; query !== undefined;) {
    const { body } = await get('far', query);
    pages.push(body);
    const link = body.events_links?.[0]!.href;
    query = link && new URL(link).search;
  }
  expect(pages.slice(0, 2).map(({ events, events_links: links }) => [events, links?.length])).toEqual([
    [[], 1],
    [[], 1],
  ]);
  expect(pages.flatMap(({ events }) => events).map(({ type }) => type)).toEqual(['snapshot.update']);
});

test.each([
  '?limit=0',
  '?limit=x',
  '?after=zz',
  '?resource_id=1',
  '?type=%25',
  '?frm=1',
  `?type=${'a,'.repeat(30)}`,
])('%s is refused', async (query) => expect((await get('p', query)).status).toBe(400));

test('a cursor older than what is kept is 410, and names the oldest', async () => {
  await write('old', 'volume.update', 'volume.update');
  const [first, second] = (await pageOf('old', 2)).events;
  const [xid, id] = second!.id.split('-').map((part) => Number.parseInt(part, 16));
  await api.database.query('update event_horizon set xid = $1, id = $2', [xid, id]);
  try {
    const { status, body } = await get('old', `?after=${first!.id}`);
    expect([status, body.gone.oldest]).toEqual([410, second!.id]);
    expect((await get('old', `?after=${body.gone.oldest}`)).status).toBe(200);
  } finally {
    await api.database.query('update event_horizon set xid = 0, id = 0');
  }
});

test('every operation and every change is in the documentation, and nothing else is', () => {
  const text = readFileSync(new URL('../../../../docs/events.md', import.meta.url), 'utf8');
  const documented = [...text.matchAll(/^\| `([a-z_]+\.[a-z_]+)` /gm)].map(([, name]) => name);
  const wanted = [...OPERATIONS.map(({ kind }) => kind), ...Object.keys(CHANGE_EVENTS)];
  expect(documented.sort()).toEqual(wanted.sort());
});

test('every change has a name that is the beginning of what it is about', () => {
  const kinds = new Set(Object.keys(CHANGE_EVENTS).map((type) => type.split('.')[0]));
  expect([...kinds].sort()).toEqual(['attachment', 'quota', 'snapshot', 'volume', 'volume_type', 'webhook']);
});
