import { randomUUID } from 'node:crypto';
import { Fault } from '@scoria/domain';
import type { DueOperation } from '@scoria/store';
import { waitFor } from '@scoria/testing';
import { RoleAuthenticator } from '../testing/role-authenticator.js';
import { seedVolume } from '../testing/seed.js';
import { CHAP_PASSWORD, SECRETS_KEY, StorageStandIn } from '../testing/storage-stand-in.js';
import { startTestApi, type TestApi } from '../testing/test-api.js';

interface Attachment {
  id: string;
  status: string;
  instance: string | null;
  volume_id: string;
  connection_info: Record<string, unknown>;
  [key: string]: unknown;
}

interface Answer {
  attachment: Attachment;
  attachments: Attachment[];
  attachments_links: unknown[];
  [fault: string]: unknown;
}

const UNKNOWN = '00000000-0000-4000-8000-000000000000';
const ME = 'u:p:member,reader';
const connector = { initiator: 'iqn.1993-08.org.debian:01:one', host: 'compute1', mountpoint: '/dev/vdb' };
let api: TestApi;
/** Another gateway of the same cloud, which waits for storage hosts no longer than a moment. */
let impatient: TestApi;
let storage: StorageStandIn;
beforeAll(async () => {
  const options = {
    authenticator: new RoleAuthenticator(),
    config: { secrets: { key: SECRETS_KEY } },
    ring: (due: DueOperation) => storage.ring(due),
  };
  api = await startTestApi(options);
  impatient = await startTestApi({ ...options, beside: api, patienceMs: 50 });
  storage = new StorageStandIn(api.database);
  await api.database.query(
    `insert into quota_limits select p, r, -1 from unnest(array['p', 'q']) p,
       unnest(array['volumes', 'gigabytes', 'snapshots']) r`,
  );
});
beforeEach(() => {
  storage.failure = undefined;
  storage.paused = false;
});
afterAll(async () => {
  await impatient.close();
  await api.close();
});

const version = '3.71';
const send = (method: string, path: string, body?: unknown, token = ME, at = version, headers = {}) =>
  api.as(token).send<Answer>(method, `/v3${path}`, body, { version: at, headers });
const create = (volume: string, more: object = {}, token = ME, at = version) =>
  send('POST', '/attachments', { attachment: { volume_uuid: volume, ...more } }, token, at);
const act = (volume: string, key: string, value: unknown) =>
  api.as('a:p:admin,member').send('POST', `/v3/volumes/${volume}/action`, { [key]: value });
const statusOf = async (volume: string) =>
  (await api.as(ME).get(`/v3/volumes/${volume}`, { version })).body.volume.status;

describe("an attachment's life", () => {
  it('goes from reserved to attached and away, and the volume with it', async () => {
    const volume = await seedVolume(api.database);
    const instance = randomUUID();
    const reserved = await create(volume, { instance_uuid: instance });
    expect(reserved.status).toBe(200);
    const { id } = reserved.body.attachment;
    expect(reserved.body.attachment).toEqual({
      id,
      status: 'reserved',
      instance,
      volume_id: volume,
      attached_at: '',
      detached_at: '',
      attach_mode: 'rw',
      connection_info: {},
    });
    expect(await statusOf(volume)).toBe('reserved');

    const connected = await send('PUT', `/attachments/${id}`, { attachment: { connector } });
    expect(connected.status).toBe(200);
    expect(connected.body.attachment).toMatchObject({
      status: 'attaching',
      connection_info: {
        driver_volume_type: 'iscsi',
        attachment_id: id,
        target_iqn: `iqn.2010-10.org.openstack:${id}`,
        auth_username: 'someone',
        auth_password: CHAP_PASSWORD,
        access_mode: 'rw',
        encrypted: false,
        qos_specs: null,
      },
    });
    expect(await statusOf(volume)).toBe('attaching');

    const completed = await send('POST', `/attachments/${id}/action`, { 'os-complete': null });
    expect([completed.status, completed.text]).toEqual([204, '']);
    const shown = await send('GET', `/attachments/${id}`);
    expect(shown.body.attachment.status).toBe('attached');
    expect(shown.body.attachment.attached_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/);
    expect(shown.body.attachment.connection_info.auth_password).toBe(CHAP_PASSWORD);
    const { body } = await api.as(ME).get(`/v3/volumes/${volume}`);
    expect(body.volume.status).toBe('in-use');
    expect(body.volume.attachments).toMatchObject([
      { attachment_id: id, server_id: instance, device: '/dev/vdb' },
    ]);

    const gone = await send('DELETE', `/attachments/${id}`);
    expect([gone.status, gone.body]).toEqual([200, { attachments: [] }]);
    expect(await statusOf(volume)).toBe('available');
    expect((await send('GET', `/attachments/${id}`)).status).toBe(404);
  });

  it('is connected at once when it comes with a connector', async () => {
    const volume = await seedVolume(api.database);
    const { status, body } = await create(volume, { connector, mode: 'ro' });
    expect(status).toBe(200);
    expect(body.attachment).toMatchObject({ status: 'attaching', attach_mode: 'ro', instance: null });
    expect(body.attachment.connection_info).toMatchObject({
      access_mode: 'ro',
      auth_password: CHAP_PASSWORD,
    });
  });

  it('is listed short and in detail, filtered, without passwords', async () => {
    const volume = await seedVolume(api.database);
    const instance = randomUUID();
    const { body } = await create(volume, { instance_uuid: instance, connector });
    const { id } = body.attachment;
    const short = await send('GET', `/attachments?instance_id=${instance}`);
    expect(short.body.attachments).toEqual([{ id, status: 'attaching', instance, volume_id: volume }]);
    const detail = await send('GET', `/attachments/detail?volume_id=${volume}&status=attaching`);
    expect(detail.body.attachments[0]!.connection_info).toMatchObject({ auth_username: 'someone' });
    expect(detail.text).not.toContain(CHAP_PASSWORD);
    expect((await send('GET', '/attachments?host=x')).status).toBe(400);
    expect((await send('GET', '/attachments?attach_status=detaching')).body.attachments).toEqual([]);
  });

  it('of a volume that still gets its image is reserved, and connected only afterwards', async () => {
    const created = await api.as(ME).post('/v3/volumes', { volume: { size: 1 } });
    const { id: volume } = created.body.volume;
    await api.database.query(
      `update volumes set status = 'downloading', pool = (select min(address) from pools) where id = $1`,
      [volume],
    );
    expect((await create(volume, { connector })).status).toBe(400);
    const { status, body } = await create(volume, { instance_uuid: randomUUID() });
    expect([status, body.attachment.status]).toEqual([200, 'reserved']);
    expect((await create(volume)).status).toBe(400);
    const early = await send('PUT', `/attachments/${body.attachment.id}`, { attachment: { connector } });
    expect(early.status).toBe(409);
  });
});

describe('a volume that two want', () => {
  it('goes to exactly one of twenty that ask at once', async () => {
    const volume = await seedVolume(api.database);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => create(volume, { instance_uuid: randomUUID() })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(19).fill(400)]);
    const rows = await api.database.query('select from attachments where volume_id = $1', [volume]);
    expect(rows).toHaveLength(1);
  });

  it('goes to both when it is multiattach and in use', async () => {
    const volume = await seedVolume(api.database);
    await api.database.query('update volumes set multiattach = true where id = $1', [volume]);
    const first = await create(volume, { instance_uuid: randomUUID(), connector });
    await send('POST', `/attachments/${first.body.attachment.id}/action`, { 'os-complete': null });
    const second = await create(volume, { instance_uuid: randomUUID() });
    expect([second.status, await statusOf(volume)]).toEqual([200, 'in-use']);
    const left = await send('DELETE', `/attachments/${first.body.attachment.id}`);
    expect(left.body.attachments.map(({ id }) => id)).toEqual([second.body.attachment.id]);
    expect(await statusOf(volume)).toBe('reserved');
  });

  it('follows one server to another host, and is never connected to one host twice', async () => {
    const volume = await seedVolume(api.database);
    const instance = randomUUID();
    const first = await create(volume, { instance_uuid: instance, connector });
    await send('POST', `/attachments/${first.body.attachment.id}/action`, { 'os-complete': null });
    const second = await create(volume, { instance_uuid: instance });
    expect(second.status).toBe(200);
    const path = `/attachments/${second.body.attachment.id}`;
    expect((await send('PUT', path, { attachment: { connector } })).status).toBe(409);
    const elsewhere = { ...connector, initiator: 'iqn.1993-08.org.debian:01:two', host: 'compute2' };
    expect((await send('PUT', path, { attachment: { connector: elsewhere } })).status).toBe(200);
    expect((await create(volume, { instance_uuid: randomUUID() })).status).toBe(400);
  });

  it('is not reserved in an error state, nor connected', async () => {
    const volume = await seedVolume(api.database);
    const { body } = await create(volume);
    await api.database.query(`update volumes set status = 'error' where id = $1`, [volume]);
    const update = await send('PUT', `/attachments/${body.attachment.id}`, { attachment: { connector } });
    expect(update.status).toBe(409);
    const second = await create(volume);
    expect(second.status).toBe(400);
    expect(second.text).toContain('error state');
  });
});

describe('a stranger', () => {
  it('learns nothing of another project, whichever way he asks', async () => {
    const volume = await seedVolume(api.database);
    const { body } = await create(volume, { connector });
    const { id } = body.attachment;
    const other = 'x:q:member,reader';
    const answers = await Promise.all([
      send('GET', `/attachments/${id}`, undefined, other),
      send('PUT', `/attachments/${id}`, { attachment: { connector } }, other),
      send('DELETE', `/attachments/${id}`, undefined, other),
      send('POST', `/attachments/${id}/action`, { 'os-complete': {} }, other),
      create(volume, { connector }, other),
      create(UNKNOWN, {}, other),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(404));
    for (const { text } of answers) expect(text).not.toContain(CHAP_PASSWORD);
    const mine = await send('GET', `/attachments/detail?all_tenants=1&volume_id=${volume}`, undefined, other);
    expect(mine.body.attachments).toEqual([]);
    expect((await send('GET', `/attachments/${id}`)).body.attachment.status).toBe('attaching');
  });

  it('with a reader role cannot attach', async () => {
    const volume = await seedVolume(api.database);
    expect((await create(volume, {}, 'u:p:reader')).status).toBe(403);
  });
});

describe('the CHAP password', () => {
  it('lies nowhere in the database in the clear, also after a replay', async () => {
    const volume = await seedVolume(api.database);
    const body = { attachment: { volume_uuid: volume, connector } };
    const ask = () =>
      send('POST', '/attachments', body, ME, version, { 'idempotency-key': `attach-${volume}` });
    const first = await ask();
    const again = await ask();
    expect(first.body.attachment.connection_info.auth_password).toBe(CHAP_PASSWORD);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(await storage.rowsThatMention(CHAP_PASSWORD)).toEqual([]);
    expect(await storage.rowsThatMention('someone')).not.toEqual([]);
  });
});

describe('a connector', () => {
  it.each<[string, object]>([
    ['that is empty', { connector: {} }],
    ['that is null', { connector: null }],
    ['that is text', { connector: 'host' }],
    ['whose initiator is a number', { connector: { initiator: 7 } }],
    ['of 20 kB', { connector: { ...connector, padding: 'x'.repeat(20_000) } }],
    ['with an unknown mode', { connector: { ...connector, mode: 'wr' } }],
    ['beside an unknown key', { connector, more: 1 }],
    ['that is missing', {}],
  ])('%s is refused before anything is written', async (_what, attachment) => {
    const volume = await seedVolume(api.database);
    const { body } = await create(volume);
    const path = `/attachments/${body.attachment.id}`;
    expect((await send('PUT', path, { attachment })).status).toBe(400);
    expect((await send('GET', path)).body.attachment.status).toBe('reserved');
  });

  it.each([
    ['iSCSI', 'initiator', { host: 'compute1' }],
    ['local', 'host', { initiator: connector.initiator }],
  ])(
    'without the name that %s needs, its %s, is refused before anything is written',
    async (protocol, name, without) => {
      const volume = await seedVolume(api.database);
      const backend = `h@${protocol}`;
      await api.database.query('insert into pools (address, backend, state) values ($1, $2, $3)', [
        `${backend}#p`,
        backend,
        { storageProtocol: [protocol] },
      ]);
      await api.database.query('update volumes set pool = $2 where id = $1', [volume, `${backend}#p`]);
      const { status, text } = await create(volume, { connector: without });
      expect([status, text]).toEqual([400, expect.stringContaining(`required information: ${name}`)]);
      expect(await api.database.query('select from attachments where volume_id = $1', [volume])).toEqual([]);
    },
  );

  it('that the storage refuses is the caller’s mistake; what the storage breaks is not', async () => {
    const volume = await seedVolume(api.database);
    const { body } = await create(volume);
    const path = `/attachments/${body.attachment.id}`;
    storage.failure = new Fault('badRequest', "Connector doesn't have required information: nqn");
    const refused = await send('PUT', path, { attachment: { connector } });
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('nqn')]);
    expect((await send('GET', path)).body.attachment.status).toBe('error_attaching');
    storage.failure = new Fault('unavailable', 'tgtd is away');
    expect((await send('PUT', path, { attachment: { connector } })).status).toBe(500);
    storage.failure = undefined;
    expect((await send('PUT', path, { attachment: { connector } })).body.attachment.status).toBe('attaching');
  });

  it('that fails when the volume is attached already leaves it attached, to whom it was', async () => {
    const volume = await seedVolume(api.database);
    const { body } = await create(volume, { connector });
    const { id } = body.attachment;
    await send('POST', `/attachments/${id}/action`, { 'os-complete': null });
    const seen = () =>
      api.database.query(
        `select status, exported, mode, connector, attached_host, mountpoint, operation_id from attachments
          where id = $1`,
        [id],
      );
    const before = await seen();
    storage.failure = new Fault('unavailable', 'tgtd is away');
    const other = {
      host: 'compute2',
      initiator: 'iqn.1993-08.org.debian:01:two',
      mountpoint: '/x',
      mode: 'ro',
    };
    expect((await send('PUT', `/attachments/${id}`, { attachment: { connector: other } })).status).toBe(500);
    expect(await seen()).toEqual(before);
    expect(await statusOf(volume)).toBe('in-use');
  });

  it('that wants to write does not get a read-only volume', async () => {
    const volume = await seedVolume(api.database);
    await api.database.query('update volumes set readonly = true where id = $1', [volume]);
    expect((await create(volume, { mode: 'rw' })).status).toBe(400);
    expect((await create(volume, { connector })).body.attachment.attach_mode).toBe('ro');
  });
});

describe('an answer that does not come in time', () => {
  it('is 502; the same request joins the work that goes on', async () => {
    const volume = await seedVolume(api.database);
    const { body } = await create(volume);
    const path = `/attachments/${body.attachment.id}`;
    storage.paused = true;
    const late = await impatient.as(ME).put(`/v3${path}`, { attachment: { connector } }, { version });
    expect(late.status).toBe(502);
    // However long it takes until it waits, the answer comes before the time of the request is over.
    expect(Math.max(...impatient.waiter.asked)).toBeLessThan(60_000 * 0.9);
    const another = await send('PUT', path, { attachment: { connector: { ...connector, host: 'else' } } });
    expect(another.status).toBe(409);
    const joined = send('PUT', path, { attachment: { connector } });
    await waitFor(() => api.waiter.waitingNow === 1);
    await storage.resume();
    expect((await joined).body.attachment.connection_info.auth_password).toBe(CHAP_PASSWORD);
    const operations = await api.database.query('select from operations where resource_id = $1', [
      body.attachment.id,
    ]);
    expect(operations).toHaveLength(1);
  });

  it('of a delete is joined by the next delete, which answers when the export is gone', async () => {
    const volume = await seedVolume(api.database);
    const { body } = await create(volume, { connector });
    const { id } = body.attachment;
    storage.paused = true;
    const first = send('DELETE', `/attachments/${id}`);
    await waitFor(() => storage.collected.length === 1);
    const second = send('DELETE', `/attachments/${id}`);
    const completed = await send('POST', `/attachments/${id}/action`, { 'os-complete': {} });
    expect(completed.status).toBe(409);
    await waitFor(() => api.waiter.waitingNow === 2);
    await storage.resume();
    expect([(await first).status, (await second).status]).toEqual([200, 200]);
    const operations = await api.database.query(
      `select from operations where resource_id = $1 and kind = 'attachment.disconnect'`,
      [id],
    );
    expect(operations).toHaveLength(1);
  });

  it('of a connect does not keep the attachment from going: the connect is asked to stop', async () => {
    const volume = await seedVolume(api.database);
    const { body } = await create(volume);
    const { id } = body.attachment;
    storage.paused = true;
    const given = { attachment: { connector } };
    const late = await impatient.as(ME).put(`/v3/attachments/${id}`, given, { version });
    expect(late.status).toBe(502);
    const early = await send('DELETE', `/attachments/${id}`);
    expect(early.status).toBe(409);
    const [operation] = await api.database.query<{ cancelled: boolean }>(
      'select cancel_requested as cancelled from operations where resource_id = $1',
      [id],
    );
    expect(operation).toEqual({ cancelled: true });
    // Rung for again: it may be due, and was locked when its first bell came.
    expect(storage.collected.map(({ queue }) => queue)).toEqual([expect.any(String), expect.any(String)]);
    await storage.resume();
    expect((await send('DELETE', `/attachments/${id}`)).status).toBe(200);
    expect(await statusOf(volume)).toBe('available');
  });

  it.each(['DELETE', 'os-terminate_connection', 'os-detach', 'os-force_detach'])(
    'of a connect that is being committed is not waited for while its volume is held: %s',
    async (ending) => {
      const volume = await seedVolume(api.database);
      storage.paused = true;
      const connected = act(volume, 'os-initialize_connection', { connector });
      await waitFor(() => storage.collected.length === 1);
      const [attachment] = await api.database.query<{ id: string }>(
        'select id from attachments where volume_id = $1',
        [volume],
      );
      const { id } = attachment!;
      await api.database.transaction(async (tx) => {
        // As the connect's commit does: the operation first, then the volume of what it has made.
        await tx.query('select from operations where resource_id = $1 and live for update', [id]);
        const { status } = await end(ending, volume, id);
        expect(status).toBe(409);
        await tx.query('select from volumes where id = $1 for update', [volume]);
      });
      await storage.resume();
      expect((await connected).status).toBe(200);
    },
  );
});

const end = (how: string, volume: string, id: string) => {
  const values = { 'os-terminate_connection': { connector }, 'os-detach': { attachment_id: id } };
  return how === 'DELETE'
    ? send('DELETE', `/attachments/${id}`)
    : act(volume, how, values[how as keyof typeof values] ?? { attachment_id: id });
};

describe('a microversion', () => {
  it('before 3.27 has no attachments, before 3.44 no os-complete, before 3.54 no mode', async () => {
    const volume = await seedVolume(api.database);
    expect((await send('GET', '/attachments', undefined, ME, '3.26')).status).toBe(404);
    expect((await create(volume, { mode: 'ro' }, ME, '3.53')).status).toBe(400);
    const { body } = await create(volume, {}, ME, '3.27');
    const path = `/attachments/${body.attachment.id}/action`;
    expect((await send('POST', path, { 'os-complete': {} }, ME, '3.43')).status).toBe(404);
    expect((await send('POST', path, { 'os-complete': {} }, ME, '3.44')).status).toBe(204);
  });
});
