import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { startTelemetry, type Telemetry } from '@scoria/telemetry';
import { waitFor } from '@scoria/testing';
import type { SendOptions } from '../testing/client.js';
import { RoleAuthenticator } from '../testing/role-authenticator.js';
import { startTestApi, type TestApi } from '../testing/test-api.js';

let api: TestApi;
let telemetry: Telemetry;
beforeAll(async () => {
  telemetry = await startTelemetry({ service: 'scoria-api-test', env: {} });
  api = await startTestApi();
});
afterAll(async () => {
  await api.close();
  await telemetry.shutdown();
});

describe('the frame of every request', () => {
  it('offers its versions without a token', async () => {
    const anyone = api.as('');
    const root = await anyone.get('/');
    const [version] = root.body.versions;
    expect([root.status, version!.version, version!.min_version]).toEqual([300, '3.71', '3.0']);
    for (const path of ['/v3', '/v3/']) {
      const { status, body } = await anyone.get(path);
      expect(status).toBe(200);
      expect(body.versions[0]!.links[1]).toEqual({ rel: 'self', href: `${api.url}/v3/` });
    }
  });

  it('is live, ready and measurable', async () => {
    const anyone = api.as('');
    expect((await anyone.get('/healthcheck')).text).toBe('OK');
    expect((await anyone.get('/live')).status).toBe(200);
    expect((await anyone.get('/ready')).body).toEqual({ ok: true, reasons: [] });
    expect((await anyone.get('/metrics')).text).toContain('scoria_http_requests_in_flight');
  });

  it('tells a client without a token whom it may be under noauth', async () => {
    const login = await api.as('').get('/v3/volumes', { headers: { 'x-auth-user': 'me' } });
    expect(login.status).toBe(204);
    expect(login.headers.get('x-auth-token')).toBe('me:admin');
    expect(login.headers.get('x-server-management-url')).toBe(`${api.url}/v3/admin`);
  });

  it('answers an unknown route in the form of every other error', async () => {
    const { status, body, headers } = await api.as('u:p').get('/v3/nothing');
    expect(status).toBe(404);
    expect(body).toEqual({ itemNotFound: { code: 404, message: 'The resource could not be found.' } });
    expect(headers.get('x-compute-request-id')).toMatch(/^req-[0-9a-f-]{36}$/);
    expect(headers.get('x-openstack-request-id')).toBe(headers.get('x-compute-request-id'));
  });

  it.each([
    ['GET', '/v3/volumes/'],
    ['GET', '/v3/p/volumes/'],
    ['GET', '/v3/volumes/detail/'],
    ['POST', '/v3/volumes/'],
    ['PUT', '/v3/os-quota-sets/'],
    ['DELETE', '/v3/os-quota-sets/'],
    ['GET', '/v3/os-quota-class-sets/'],
    ['GET', '/v3/types/'],
    ['GET', '/scoria/v1/operations/'],
  ])('takes the empty id of %s %s for no list and no name', async (method, path) => {
    const given = method === 'POST' ? { volume: { size: 1 } } : undefined;
    const { status, body } = await api.as('u:p').send(method, path, given);
    expect([status, body.itemNotFound.code]).toEqual([404, 404]);
  });

  it('takes the empty id before a fragment, which no browser sends and the router cuts off, for no list', async () => {
    // `fetch` would not send it, either.
    const asking = request(`${api.url}/`, {
      path: '/v3/volumes/#',
      headers: { 'x-auth-token': 'u:p' },
    }).end();
    const [answer] = (await once(asking, 'response')) as [IncomingMessage];
    answer.resume();
    expect(answer.statusCode).toBe(404);
  });

  it('refuses a URL of another project', async () => {
    const { status, body } = await api.as('u:mine').get('/v3/other/volumes');
    expect([status, body.badRequest.message]).toEqual([400, 'Malformed request url']);
  });

  it.each([
    [undefined, 200, 'volume 3.0'],
    ['volume 3.27', 200, 'volume 3.27'],
    ['VOLUME 3.27', 200, 'volume 3.27'],
    ['compute 2.1, volume 3.5', 200, 'volume 3.5'],
    ['volume latest', 200, 'volume 3.71'],
    ['volume 3.72', 406, null],
    ['volume 2.0', 406, null],
    ['volume 4.0', 406, null],
    ['volume 3.x', 400, null],
    ['volume 3', 400, null],
    ['volume', 400, null],
    ['block-storage 3.1', 400, null],
  ])('negotiates %p as %p', async (header, status, answered) => {
    const headers: Record<string, string> = header === undefined ? {} : { 'openstack-api-version': header };
    const reply = await api.as('u:p').get('/v3/volumes', { headers });
    expect(reply.status).toBe(status);
    expect(reply.headers.get('openstack-api-version')).toBe(answered);
    if (answered) expect(reply.headers.get('vary')).toContain('OpenStack-API-Version');
    if (status === 406) expect(reply.body.computeFault.code).toBe(406);
  });

  it('hides what a microversion does not have behind an empty 404', async () => {
    const me = api.as('u:p');
    const below = await me.get('/v3/volumes/summary', { version: '3.11' });
    expect([below.status, below.body]).toEqual([404, { itemNotFound: { code: 404, message: '' } }]);
    expect((await me.get('/v3/volumes/summary', { version: '3.12' })).status).toBe(200);
  });

  const bodies: [string, number, string, SendOptions][] = [
    ['text', 415, 'badMediaType', { raw: '{}', headers: { 'content-type': 'text/plain' } }],
    [
      'a form',
      415,
      'badMediaType',
      { raw: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    ],
    ['broken JSON', 400, 'badRequest', { raw: '{"volume":' }],
    ['no body', 400, 'badRequest', {}],
    ['an empty body', 400, 'badRequest', { raw: '' }],
    ['a body that is too large', 413, 'overLimit', { raw: `{"volume":{"name":"${'x'.repeat(114_700)}"}}` }],
    ['NUL within text', 400, 'badRequest', { raw: '{"volume":{"size":1,"name":"a\\u0000b"}}' }],
    ['half a surrogate pair', 400, 'badRequest', { raw: '{"volume":{"size":1,"name":"\\ud800"}}' }],
    ['a prototype', 400, 'badRequest', { raw: '{"volume":{"__proto__":{"size":1}}}' }],
    ['a body too deep', 400, 'badRequest', { raw: `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}` }],
    ['a list', 400, 'badRequest', { raw: '[1]' }],
    ['a number', 400, 'badRequest', { raw: '7' }],
  ];
  it.each(bodies)('survives %s', async (_, status, name, options) => {
    const reply = await api.as('u:p').post('/v3/volumes', undefined, options);
    expect(reply.status).toBe(status);
    expect(reply.body[name as 'badRequest'].code).toBe(status);
    if (status === 413) {
      expect(reply.body.overLimit.retryAfter).toBe('0');
      expect(reply.headers.get('retry-after')).toBe('0');
    }
  });

  it('takes the vendor media type, with parameters', async () => {
    const type = 'application/vnd.openstack.volume+json; charset=utf-8';
    const reply = await api
      .as('u:vendor')
      .post('/v3/volumes', { volume: { size: 1 } }, { headers: { 'content-type': type } });
    expect(reply.status).toBe(202);
  });

  it.each(['/v3/volumes/%00', '/v3/volumes?name=%00', '/v3/volumes/%ff', `/v3/volumes/${'a'.repeat(300)}`])(
    'survives the URL %p',
    async (path) => {
      const { status, body } = await api.as('u:p').get(path);
      expect([400, 404]).toContain(status);
      expect((body.badRequest ?? body.itemNotFound).code).toBe(status);
    },
  );

  it('builds links from what a proxy says of itself, and only from what looks like a host', async () => {
    const href = async (headers: Record<string, string>): Promise<string> =>
      (await api.as('').get('/v3', { headers })).body.versions[0]!.links[1]!.href;
    expect(await href({ 'x-forwarded-proto': 'https', 'x-forwarded-host': 'cloud.example:443' })).toBe(
      'https://cloud.example:443/v3/',
    );
    expect(await href({ 'x-forwarded-prefix': '/volume' })).toBe(`${api.url}/volume/v3/`);
    expect(await href({ 'x-forwarded-host': 'evil/"><script>' })).toBe(`${api.url}/v3/`);
  });
});

describe('actions', () => {
  const path = '/v3/volumes/00000000-0000-4000-8000-000000000000/action';
  it.each([
    [{}, 400],
    [{ 'os-extend': {}, 'os-reserve': {} }, 400],
    [{ 'os-dance': null }, 400],
    [[], 400],
    [{ constructor: {} }, 400],
    [{ 'os-set_bootable': { bootable: true } }, 404],
  ])('%j is %i', async (body, status) => {
    expect((await api.as('u:p').post(path, body)).status).toBe(status);
  });
});

describe('who may do what', () => {
  let roles: TestApi;
  beforeAll(
    async () =>
      void (roles = await startTestApi({
        authenticator: new RoleAuthenticator(),
        config: { api: { authStrategy: 'keystone' }, keystone: { url: 'http://keystone/v3', password: 'x' } },
      })),
  );
  afterAll(() => roles.close());

  it('asks for a token and says where they come from', async () => {
    const { status, body, headers } = await roles.as('').get('/v3/volumes');
    expect([status, body.unauthorized.code]).toEqual([401, 401]);
    expect(headers.get('www-authenticate')).toBe('Keystone uri="http://keystone/v3"');
  });

  it.each([
    ['u:p:reader', 'GET', '/v3/volumes', undefined, 200],
    ['u:p:reader', 'POST', '/v3/volumes', { volume: { size: 1 } }, 403],
    ['u:p:member,reader', 'POST', '/v3/volumes', { volume: { size: 1 } }, 202],
    ['u:p:other', 'GET', '/v3/volumes', undefined, 403],
    [
      'u:p:member',
      'POST',
      '/v3/volumes/00000000-0000-4000-8000-000000000000/action',
      { 'os-reset_status': { status: 'error' } },
      403,
    ],
    ['u:p:member', 'DELETE', '/v3/volumes/00000000-0000-4000-8000-000000000000?force=true', undefined, 404],
  ])('%s: %s %s is %i', async (token, method, path, body, status) => {
    const reply = await roles.as(token).send(method, path, body);
    expect(reply.status).toBe(status);
    if (status === 403) expect(reply.body.forbidden.message).toMatch(/^Policy doesn't allow volume/);
  });

  it('keeps deletion by force to administrators, once it exists', async () => {
    const path = '/v3/volumes/00000000-0000-4000-8000-000000000000?force=true';
    expect((await roles.as('u:p:member').delete(path, { version: '3.23' })).status).toBe(403);
    expect((await roles.as('u:p:admin').delete(path, { version: '3.23' })).status).toBe(404);
  });
});

describe('a request whose client has gone', () => {
  it('is counted and logged all the same, as one that was not answered', async () => {
    const asked = Promise.withResolvers<void>();
    const never = {
      authenticate: () => {
        asked.resolve();
        return new Promise<never>(() => {});
      },
    };
    await using held = await startTestApi({ authenticator: never });
    const gone = new AbortController();
    const request = fetch(`${held.url}/v3/volumes`, {
      signal: gone.signal,
      headers: { 'x-auth-token': 'u:p' },
    });
    await asked.promise;
    gone.abort();
    await expect(request).rejects.toThrow();
    const counted = /^scoria_http_requests_total{.*route="\/v3\/volumes".*status="499".*} 1$/m;
    await waitFor(async () => counted.test((await held.as('').get('/metrics')).text));
  });
});

describe('a request that takes too long', () => {
  it('is answered 503 while its work may go on', async () => {
    const never = { authenticate: () => new Promise<never>(() => {}) };
    await using stuck = await startTestApi({
      authenticator: never,
      config: { api: { requestTimeoutMs: 100 } },
    });
    const { status, body } = await stuck.as('u:p').get('/v3/volumes');
    expect([status, (body.serviceUnavailable as { code: number }).code]).toEqual([503, 503]);
  });
});
