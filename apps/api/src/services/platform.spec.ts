import { onCall } from '@scoria/bus';
import { backendCapabilities } from '@scoria/contracts';
import { Fault } from '@scoria/domain';
import { RoleAuthenticator } from '../testing/role-authenticator.js';
import { startTestApi, type TestApi } from '../testing/test-api.js';

interface Answer {
  services: Record<string, unknown>[];
  hosts: Record<string, unknown>[];
  pools: { name: string; capabilities?: Record<string, unknown> }[];
  availabilityZoneInfo: object[];
  log_levels: object[];
  extensions: { alias: string }[];
  extension: { alias: string };
  resource_filters: { resource: string; filters: string[] }[];
  [key: string]: unknown;
}

const ADMIN = 'a:p:admin';
const USER = 'u:p:reader,member';
let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ authenticator: new RoleAuthenticator() });
  // Those that are up have to be until the last test has looked.
  await api.database.query(
    `insert into services ("binary", host, availability_zone, disabled, disabled_reason, backend_state, reported_at) values
       ('cinder-volume', 'h1@lvm', 'east', false, null, 'up', now() + interval '1 hour'),
       ('cinder-volume', 'h2@lvm', 'west', true, 'broken disk', 'down', now() - interval '1 hour'),
       ('cinder-volume', 'h3@lvm', 'east', false, null, 'up', now() - interval '1 hour'),
       ('cinder-scheduler', 'h1', 'east', false, null, null, now() + interval '1 hour'),
       ('cinder-api', 'h1', 'east', false, null, null, now() + interval '1 hour')`,
  );
  const state = {
    volumeBackendName: 'fast',
    vendorName: 'Scoria',
    poolName: 'p',
    storageProtocol: ['iSCSI', 'iscsi'],
    totalCapacityGib: 100,
    freeCapacityGib: 'unknown',
    thinProvisioningSupport: true,
    extra: { colour: 'blue' },
  };
  for (const host of ['h1', 'h2', 'h3']) {
    await api.database.query(
      `insert into pools (address, backend, state, claim_limit_gib) values ($1, $2, $3, 90)`,
      [`${host}@lvm#p`, `${host}@lvm`, JSON.stringify(state)],
    );
  }
});
afterAll(() => api.close());

const send = (method: string, path: string, body?: unknown, version = '3.71', token = ADMIN) =>
  api.as(token).send<Answer>(method, `/v3${path}`, body, { version });

describe('/os-services', () => {
  it('tells who is up by the database’s clock, and hides the gateway', async () => {
    const { body } = await send('GET', '/os-services');
    expect(body.services).toHaveLength(4);
    expect(body.services[0]).toEqual({
      binary: 'cinder-scheduler',
      host: 'h1',
      zone: 'east',
      status: 'enabled',
      state: 'up',
      updated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/),
      disabled_reason: null,
      cluster: null,
    });
    expect(body.services[2]).toMatchObject({
      host: 'h2@lvm',
      status: 'disabled',
      state: 'down',
      disabled_reason: 'broken disk',
      replication_status: 'disabled',
      active_backend_id: null,
      frozen: false,
      backend_state: 'down',
    });
  });

  it('is filtered by host and binary, and older versions lack newer keys', async () => {
    const one = await send('GET', '/os-services?host=h1&binary=cinder-volume', undefined, '3.6');
    expect(one.body.services).toHaveLength(1);
    expect(one.body.services[0]).not.toHaveProperty('cluster');
    expect(one.body.services[0]).not.toHaveProperty('backend_state');
    expect((await send('GET', '/os-services?host=h3@lvm')).body.services).toHaveLength(1);
    expect((await send('GET', '/os-services?host=h')).body.services).toEqual([]);
  });

  it('is switched by administrators', async () => {
    const of = async () => (await send('GET', '/os-services?host=h1@lvm')).body.services[0];
    const body = { binary: 'cinder-volume', host: 'h1@lvm' };
    const off = await send('PUT', '/os-services/disable-log-reason', { ...body, disabled_reason: 'fans' });
    expect([off.status, off.body]).toEqual([
      200,
      { ...body, service: 'cinder-volume', status: 'disabled', disabled: true, disabled_reason: 'fans' },
    ]);
    expect(await of()).toMatchObject({ status: 'disabled', disabled_reason: 'fans' });
    const on = await send('PUT', '/os-services/enable', body);
    expect(on.body).toEqual({ ...body, service: 'cinder-volume', status: 'enabled', disabled: false });
    expect(await of()).toMatchObject({ status: 'enabled', disabled_reason: null });
    expect((await send('PUT', '/os-services/disable', { ...body, host: 'nobody' })).status).toBe(404);
    for (const path of ['disable', 'enable']) {
      expect((await send('PUT', `/os-services/${path}`, { ...body, binary: 'cinder-nothing' })).status).toBe(
        404,
      );
    }
    expect((await send('PUT', '/os-services/disable', { ...body, binary: '' })).status).toBe(400);
    expect((await send('PUT', '/os-services/get-log', { binary: 'cinder-nothing' })).status).toBe(400);
    expect((await send('PUT', '/os-services/disable', { host: 'h1' })).status).toBe(400);
    expect((await send('PUT', '/os-services/disable-log-reason', body)).status).toBe(400);
    expect((await send('PUT', '/os-services/disable', body, '3.71', USER)).status).toBe(403);
    expect((await send('GET', '/os-services', undefined, '3.71', USER)).status).toBe(403);
  });

  it('tells the log level of the gateway, and sets none', async () => {
    const got = await send('PUT', '/os-services/get-log', { binary: '*' });
    expect([got.status, got.body.log_levels]).toEqual([
      200,
      [expect.objectContaining({ binary: 'cinder-api', levels: { scoria: 'INFO' } })],
    ]);
    expect((await send('PUT', '/os-services/get-log', { binary: 'cinder-volume' })).body.log_levels).toEqual(
      [],
    );
    expect((await send('PUT', '/os-services/set-log', { level: 'DEBUG' })).status).toBe(501);
    expect((await send('PUT', '/os-services/get-log', {}, '3.31')).status).toBe(404);
  });

  it('has an older list', async () => {
    const { body } = await send('GET', '/os-hosts?zone=west');
    expect(body.hosts).toEqual([
      expect.objectContaining({
        host_name: 'h2@lvm',
        service: 'cinder-volume',
        'service-status': 'unavailable',
        'service-state': 'disabled',
      }),
    ]);
  });
});

describe('/scheduler-stats/get_pools', () => {
  it('lists what placement may choose from, with Cinder’s names', async () => {
    expect((await send('GET', '/scheduler-stats/get_pools')).body.pools).toEqual([{ name: 'h1@lvm#p' }]);
    const { body } = await send('GET', '/scheduler-stats/get_pools?detail=true');
    expect(body.pools[0]!.capabilities).toMatchObject({
      volume_backend_name: 'fast',
      storage_protocol: 'iSCSI',
      total_capacity_gb: 100,
      free_capacity_gb: 'unknown',
      allocated_capacity_gb: 0,
      thin_provisioning_support: true,
      colour: 'blue',
    });
    expect((await send('GET', '/scheduler-stats/get_pools', undefined, '3.0', USER)).status).toBe(403);
  });

  it('is filtered by capabilities from 3.28, and by name alone from 3.31', async () => {
    const count = async (query: string, version: string) =>
      (await send('GET', `/scheduler-stats/get_pools?${query}`, undefined, version)).body.pools.length;
    expect(await count('colour=red', '3.27')).toBe(1);
    expect(await count('colour=red', '3.28')).toBe(0);
    expect(await count('thin_provisioning_support=True&colour=blue', '3.28')).toBe(1);
    expect(await count('name=h1@lvm%23p', '3.71')).toBe(1);
    expect(await count('name=h9', '3.71')).toBe(0);
    expect((await send('GET', '/scheduler-stats/get_pools?colour=blue')).status).toBe(400);
  });
});

describe('/capabilities/{host}', () => {
  it('asks the host; one that is not there is 404, one that is silent or broken is not', async () => {
    const service = api.bus.serve({
      queues: ['volume.h1@lvm'],
      handlers: [
        onCall(backendCapabilities, async ({ host }) => {
          if (host.endsWith('#away')) throw new Fault('notFound', 'no such pool');
          if (host.endsWith('#broken')) throw new Fault('badGateway', 'no answer from the array');
          return { capabilities: { pool_name: host } };
        }),
      ],
    });
    await service.ready;
    const known = await send('GET', '/capabilities/h1@lvm%23p');
    expect([known.status, known.body]).toEqual([200, { pool_name: 'h1@lvm#p' }]);
    const statuses = [];
    for (const host of ['h1@lvm%23away', 'h1@lvm%23broken', 'h7@lvm', 'nohost', 'h*@lvm', 'h1@%0alvm']) {
      statuses.push((await send('GET', `/capabilities/${host}`)).status);
    }
    expect(statuses).toEqual([404, 502, 404, 404, 404, 404]);
    expect((await send('GET', '/capabilities/h1@lvm', undefined, '3.0', USER)).status).toBe(403);
    await service.drain();
  });
});

describe('what every client may ask', () => {
  it('zones', async () => {
    const { body } = await send('GET', '/os-availability-zone', undefined, '3.0', 'u:p:none');
    expect(body.availabilityZoneInfo).toEqual([
      { zoneName: 'east', zoneState: { available: true } },
      { zoneName: 'west', zoneState: { available: false } },
    ]);
  });

  it('extensions, none of which is only a name', async () => {
    const { body } = await send('GET', '/extensions', undefined, '3.0', USER);
    const aliases = body.extensions.map(({ alias }) => alias);
    expect(aliases).toEqual(
      expect.arrayContaining(['os-quota-sets', 'os-volume-actions', 'scheduler-stats']),
    );
    expect(aliases).not.toContain('backups');
    const one = await send('GET', '/extensions/os-services', undefined, '3.0', USER);
    expect(one.body.extension.alias).toBe('os-services');
    expect((await send('GET', '/extensions/backups')).status).toBe(404);
  });

  it('filters, which are those that the lists take', async () => {
    const { body } = await send('GET', '/resource_filters', undefined, '3.33', USER);
    const volume = body.resource_filters.find(({ resource }) => resource === 'volume')!;
    expect(volume.filters).toEqual(
      expect.arrayContaining(['name', 'status', 'metadata', 'availability_zone']),
    );
    const one = await send('GET', '/resource_filters?resource=attachment');
    expect(one.body.resource_filters).toEqual([
      { resource: 'attachment', filters: ['volume_id', 'status', 'attach_status', 'instance_id'] },
    ]);
    expect((await send('GET', '/resource_filters?resource=none')).body.resource_filters).toEqual([]);
    expect((await send('GET', '/resource_filters', undefined, '3.32')).status).toBe(404);
  });
});
