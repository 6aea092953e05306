import { startTelemetry, type Telemetry } from '@scoria/telemetry';
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
    expect([root.status, root.body.versions[0].version, root.body.versions[0].min_version]).toEqual([
      300,
      '3.71',
      '3.0',
    ]);
    for (const path of ['/v3', '/v3/']) {
      const { status, body } = await anyone.get(path);
      expect(status).toBe(200);
      expect(body.versions[0].links[1]).toEqual({ rel: 'self', href: `${api.url}/v3/` });
    }
  });

  it('is live, ready and measurable', async () => {
    const anyone = api.as('');
    expect((await anyone.get('/healthcheck')).text).toBe('OK');
    expect((await anyone.get('/live')).status).toBe(200);
    expect((await anyone.get('/ready')).body).toEqual({ ok: true, reasons: [] });
    expect((await anyone.get('/metrics')).status).toBe(200);
  });

  it('tells a client without a token whom it may be under noauth', async () => {
    const { status, headers } = await api.as('').get('/v3', { headers: {} });
    expect(status).toBe(200);
    expect(headers.get('x-openstack-request-id')).toMatch(/^req-/);
    const login = await api.as('').get('/v3/volumes', { headers: { 'x-auth-user': 'me' } });
    expect(login.status).toBe(204);
    expect(login.headers.get('x-auth-token')).toBe('me:admin');
  });

  it('answers an unknown route in the form of every other error', async () => {
    const { status, body, headers } = await api.as('u:p').get('/v3/nothing');
    expect(status).toBe(404);
    expect(body).toEqual({ itemNotFound: { code: 404, message: 'The resource could not be found.' } });
    expect(headers.get('x-compute-request-id')).toMatch(/^req-[0-9a-f-]{36}$/);
  });
});
