import { randomUUID } from 'node:crypto';
import { webhookKey } from '@scoria/domain';
import { recordEvents } from '@scoria/store';
import { waitFor } from '@scoria/testing';
import { RoleAuthenticator } from '../testing/role-authenticator.js';
import { SECRETS_KEY, StorageStandIn } from '../testing/storage-stand-in.js';
import { startTestApi, type TestApi } from '../testing/test-api.js';

interface Webhook {
  id: string;
  secret?: string;
  cursor: string;
  [key: string]: unknown;
}

interface Answer {
  webhook: Webhook;
  webhooks: Webhook[];
  webhooks_links?: { href: string }[];
  gone: { oldest: string };
  badRequest: { message: string };
}

const URL_ = 'https://hooks.example.com/scoria?token=t0ken';
const PATH = '/scoria/v1/webhooks';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({
    authenticator: new RoleAuthenticator(),
    config: { secrets: { key: SECRETS_KEY }, webhooks: { perProject: 3, allowedNetworks: ['10.1.0.0/16'] } },
  });
});
afterAll(() => api.close());

const client = (project: string, roles = 'reader,member') => api.as(`u:${project}:${roles}`);
const create = (project: string, webhook: object = {}, headers = {}, roles?: string) =>
  client(project, roles).post<Answer>(PATH, { webhook: { url: URL_, ...webhook } }, { headers });
const show = (project: string, id: string) => client(project).get<Answer>(`${PATH}/${id}`);

test('a secret is generated, shown once, and lies sealed in the database', async () => {
  const { status, body } = await create('maker', { types: ['volume.create', 'snapshot.'] });
  expect(status).toBe(201);
  const { secret, ...webhook } = body.webhook;
  expect(webhookKey(secret!)).toHaveLength(32);
  expect(webhook).toEqual({
    id: expect.any(String),
    project_id: 'maker',
    url: URL_,
    types: ['volume.create', 'snapshot.'],
    all_projects: false,
    enabled: true,
    disabled_reason: null,
    cursor: expect.stringMatching(/^[0-9a-f]+-[0-9a-f]+$/),
    failures: 0,
    failing_since: null,
    last_error: null,
    next_attempt_at: null,
    delivered_at: null,
    created_at: expect.any(String),
    updated_at: null,
  });
  expect((await show('maker', webhook.id)).body.webhook).toEqual(webhook);
  expect((await client('maker').get<Answer>(PATH)).body).toEqual({ webhooks: [webhook] });
  const rows = await new StorageStandIn(api.database).rowsThatMention(secret!.slice('whsec_'.length));
  expect(rows).toEqual([]);
});

test('a request that is replayed makes one webhook, shows its secret again, and leaves it nowhere in the clear', async () => {
  const secret = `whsec_${Buffer.alloc(24, 5).toString('base64')}`;
  const headers = { 'idempotency-key': randomUUID() };
  const [first, second] = [
    await create('twice', { secret }, headers),
    await create('twice', { secret }, headers),
  ];
  expect(second.body).toEqual(first.body);
  expect(second.body.webhook.secret).toBe(secret);
  expect((await client('twice').get<Answer>(PATH)).body.webhooks).toHaveLength(1);
  const plain = secret.slice('whsec_'.length);
  expect(await new StorageStandIn(api.database).rowsThatMention(plain)).toEqual([]);
});

test('a change begins anew: what had failed is forgotten, and a new secret replaces the old one', async () => {
  const { id } = (await create('changer', { enabled: false })).body.webhook;
  await api.database.query(
    `update webhooks set failures = 3, failing_since = now(), last_error = 'x', disabled_reason = 'y' where id = $1`,
    [id],
  );
  const secretOf = async () =>
    (await api.database.query<{ secret: Buffer }>('select secret from webhooks where id = $1', [id]))[0]!
      .secret;
  const before = await secretOf();
  const secret = `whsec_${Buffer.alloc(32, 6).toString('base64')}`;
  const changes = { url: 'https://10.1.2.3/', types: ['volume.'], enabled: true, secret };
  const { status, body } = await client('changer').put<Answer>(`${PATH}/${id}`, { webhook: changes });
  expect(status).toBe(200);
  expect(body.webhook).toMatchObject({
    url: changes.url,
    types: ['volume.'],
    enabled: true,
    failures: 0,
    last_error: null,
    disabled_reason: null,
  });
  expect(body.webhook.secret).toBeUndefined();
  expect((await secretOf()).equals(before)).toBe(false);
  expect((await client('changer').delete(`${PATH}/${id}`)).status).toBe(204);
  expect((await show('changer', id)).status).toBe(404);
});

test('another project’s webhook does not exist, whatever is asked of it', async () => {
  const { id } = (await create('victim')).body.webhook;
  const spy = client('spy');
  const answers = await Promise.all([
    spy.get(`${PATH}/${id}`),
    spy.put(`${PATH}/${id}`, { webhook: { enabled: false } }),
    spy.delete(`${PATH}/${id}`),
    spy.post(`${PATH}/${id}/replay`, { after: 'oldest' }),
    spy.post(`${PATH}/${id}/test`),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
  expect((await spy.get<Answer>(PATH)).body.webhooks).toEqual([]);
  expect((await show('victim', id)).body.webhook['enabled']).toBe(true);
});

test('a reader may look and change nothing; all projects’ events are for administrators', async () => {
  expect((await create('reader', {}, {}, 'reader')).status).toBe(403);
  expect((await create('reader', { all_projects: true })).status).toBe(403);
  const { id } = (await create('reader')).body.webhook;
  const change = await client('reader').put(`${PATH}/${id}`, { webhook: { all_projects: true } });
  expect(change.status).toBe(403);
  expect((await create('office', { all_projects: true }, {}, 'admin')).status).toBe(201);
});

test('the webhook of all projects is nobody’s but administrators’: no member can turn it to itself', async () => {
  const { id } = (await create('shared', { all_projects: true }, {}, 'admin')).body.webhook;
  const member = client('shared');
  const answers = await Promise.all([
    member.get(`${PATH}/${id}`),
    member.put(`${PATH}/${id}`, { webhook: { url: 'https://evil.example.com/' } }),
    member.post(`${PATH}/${id}/replay`, { after: 'oldest' }),
    member.delete(`${PATH}/${id}`),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
  expect((await member.get<Answer>(PATH)).body.webhooks).toEqual([]);
  const admin = client('shared', 'admin');
  expect((await admin.get<Answer>(PATH)).body.webhooks.map((webhook) => webhook.id)).toEqual([id]);
  expect((await admin.put(`${PATH}/${id}`, { webhook: { types: ['volume.'] } })).status).toBe(200);
});

test('a project has so many webhooks and no more, however many ask at once', async () => {
  const answers = await Promise.all(Array.from({ length: 6 }, () => create('many')));
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 201, 413, 413, 413]);
});

test.each([
  ['http://hooks.example.com/'],
  ['ftp://hooks.example.com/'],
  ['https://user:pass@hooks.example.com/'],
  ['https://hooks.example.com/#part'],
  ['https://127.0.0.1/'],
  ['https://2130706433/'],
  ['https://0x7f.1/'],
  ['https://[::1]/'],
  ['https://[::ffff:10.0.0.1]/'],
  ['https://169.254.169.254/latest/meta-data'],
  ['https://10.2.0.1/'],
  ['nonsense'],
  [''],
  [`https://hooks.example.com/${'x'.repeat(2048)}`],
])('the URL %.60s is refused', async (url) => expect((await create('urls', { url })).status).toBe(400));

test.each([
  [{ secret: 'short' }],
  [{ secret: `whsec_${Buffer.alloc(8).toString('base64')}` }],
  [{ types: 'volume.' }],
  [{ types: ['%'] }],
  [{ types: Array(21).fill('volume.') }],
  [{ enabled: 'maybe' }],
  [{ cursor: '1-1' }],
])('the body %j is refused', async (webhook) => expect((await create('bodies', webhook)).status).toBe(400));

test('a refused secret is not repeated in the answer', async () => {
  for (const more of [{}, { unknown: 1 }, { url: 5 }]) {
    const { status, text } = await create('bodies', { secret: 'whsec_notbase64!', ...more });
    expect([status, text.includes('notbase64')]).toEqual([400, false]);
  }
});

test('a replay sets the cursor back; one that is too old is 410 and names the oldest', async () => {
  const { id } = (await create('replayer')).body.webhook;
  const replay = (after: string) => client('replayer').post<Answer>(`${PATH}/${id}/replay`, { after });
  expect((await replay('1-0')).body.webhook.cursor).toBe('1-0');
  expect((await replay('oldest')).status).toBe(202);
  expect((await replay('zz')).status).toBe(400);
  await api.database.query('update event_horizon set xid = 5, id = 5');
  try {
    const { status, body } = await replay('1-0');
    expect([status, body.gone.oldest]).toEqual([410, '5-5']);
  } finally {
    await api.database.query('update event_horizon set xid = 0, id = 0');
  }
});

test('a test is an event, and a disabled webhook cannot be tested', async () => {
  const { id } = (await create('tester')).body.webhook;
  expect((await client('tester').post(`${PATH}/${id}/test`)).status).toBe(202);
  await api.database.transaction((tx) =>
    recordEvents(tx, [{ type: 'quota.reset', projectId: 'tester', resourceId: null }], null),
  );
  const events = await waitFor(
    async () =>
      (await client('tester').get<{ events: { type: string; resource_id: string }[] }>('/scoria/v1/events'))
        .body.events,
    { until: ({ length }) => length === 2 },
  );
  expect(events[0]).toMatchObject({ type: 'webhook.test', resource_id: id });
  await client('tester').put(`${PATH}/${id}`, { webhook: { enabled: false } });
  expect((await client('tester').post(`${PATH}/${id}/test`)).status).toBe(409);
});

test('an administrator lists all projects’ webhooks in pages', async () => {
  const admin = client('office', 'admin');
  const ids: string[] = [];
  let path: string | undefined = `${PATH}?all_projects=true&limit=2`;
  while (path !== undefined) {
    const { body }: { body: Answer } = await admin.get<Answer>(path);
    ids.push(...body.webhooks.map(({ id }) => id));
    const href: string | undefined = body.webhooks_links?.[0]?.href;
    path = href?.slice(api.url.length);
  }
  const [{ n }] = (await api.database.query('select count(*)::int as n from webhooks')) as [{ n: number }];
  expect([ids.length, new Set(ids).size]).toEqual([n, n]);
  expect((await admin.get(`${PATH}?limit=0`)).status).toBe(400);
  expect((await admin.get(`${PATH}?sort=x`)).status).toBe(400);
  // To a tenant its own would look like all there are.
  expect((await client('office').get(`${PATH}?all_projects=true`)).status).toBe(403);
});
