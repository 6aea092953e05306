import { randomUUID } from 'node:crypto';
import { Fault } from '@scoria/domain';
import { RoleAuthenticator } from '../../testing/role-authenticator.js';
import { seedVolume } from '../../testing/seed.js';
import { CHAP_PASSWORD, SECRETS_KEY, StorageStandIn } from '../../testing/storage-stand-in.js';
import { startTestApi, type TestApi } from '../../testing/test-api.js';

interface Answer {
  connection_info: { driver_volume_type: string; data: Record<string, unknown> };
  [key: string]: unknown;
}

const ME = 'u:p:member,reader';
const ADMIN = 'a:p:admin';
const connector = { initiator: 'iqn.1993-08.org.debian:01:one', host: 'compute1' };
let api: TestApi;
let storage: StorageStandIn;
beforeAll(async () => {
  api = await startTestApi({
    authenticator: new RoleAuthenticator(),
    config: { secrets: { key: SECRETS_KEY } },
    ring: (due) => storage.ring(due),
  });
  storage = new StorageStandIn(api.database);
  await api.database.query(
    `insert into quota_limits select 'p', r, -1 from unnest(array['volumes', 'gigabytes', 'snapshots']) r`,
  );
});
beforeEach(() => {
  storage.failure = undefined;
});
afterAll(() => api.close());

const act = (volume: string, key: string, value: unknown = {}, token = ME, headers = {}) =>
  api.as(token).send<Answer>('POST', `/v3/volumes/${volume}/action`, { [key]: value }, { headers });
const show = async (volume: string) => (await api.as(ME).get(`/v3/volumes/${volume}`)).body.volume;
const statusOf = async (volume: string) => (await show(volume)).status;
const exports = async (volume: string) =>
  (await api.database.query('select from attachments where volume_id = $1 and exported', [volume])).length;

describe('a server that attaches by the older calls', () => {
  it('reserves, connects, attaches, and lets go of it again, as Nova does', async () => {
    const volume = await seedVolume(api.database);
    const instance = randomUUID();
    expect((await act(volume, 'os-reserve')).status).toBe(202);
    expect(await statusOf(volume)).toBe('attaching');
    expect((await act(volume, 'os-reserve')).status).toBe(400);
    const connected = await act(volume, 'os-initialize_connection', { connector });
    expect(connected.status).toBe(200);
    expect(connected.body.connection_info).toMatchObject({
      driver_volume_type: 'iscsi',
      data: { auth_password: CHAP_PASSWORD, access_mode: 'rw', encrypted: false, target_lun: 1 },
    });
    expect(await statusOf(volume)).toBe('attaching');
    const attach = { instance_uuid: instance, mountpoint: '/dev/vdc' };
    expect((await act(volume, 'os-attach', attach)).status).toBe(202);
    expect((await act(volume, 'os-attach', attach)).status).toBe(202);
    const { status, attachments } = await show(volume);
    expect([status, attachments]).toEqual([
      'in-use',
      [expect.objectContaining({ server_id: instance, device: '/dev/vdc' })],
    ]);

    expect((await act(volume, 'os-begin_detaching')).status).toBe(202);
    expect(await statusOf(volume)).toBe('detaching');
    expect((await act(volume, 'os-terminate_connection', { connector })).status).toBe(202);
    expect(await exports(volume)).toBe(0);
    expect(await statusOf(volume)).toBe('detaching');
    const attachment = { attachment_id: attachments[0]!.attachment_id };
    expect((await act(volume, 'os-detach', attachment)).status).toBe(202);
    expect(await statusOf(volume)).toBe('available');
  });

  it('changes its mind', async () => {
    const volume = await seedVolume(api.database);
    await act(volume, 'os-reserve');
    await act(volume, 'os-unreserve');
    expect(await statusOf(volume)).toBe('available');
    await act(volume, 'os-attach', { instance_uuid: randomUUID(), mountpoint: '/dev/vdb' });
    await act(volume, 'os-begin_detaching');
    await act(volume, 'os-unreserve');
    expect(await statusOf(volume)).toBe('detaching');
    await act(volume, 'os-roll_detaching');
    expect(await statusOf(volume)).toBe('in-use');
    expect((await act(volume, 'os-detach', null)).status).toBe(202);
    expect(await statusOf(volume)).toBe('available');
    expect((await act(volume, 'os-begin_detaching')).status).toBe(400);
  });

  it('is one of twenty that reserve at once', async () => {
    const volume = await seedVolume(api.database);
    const answers = await Promise.all(Array.from({ length: 20 }, () => act(volume, 'os-reserve')));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
  });
});

describe('a connection', () => {
  it('leaves the status as it was, is made once per host, and keeps the volume from being deleted', async () => {
    const volume = await seedVolume(api.database);
    const first = await act(volume, 'os-initialize_connection', { connector });
    const again = await act(volume, 'os-initialize_connection', { connector });
    expect(again.body.connection_info.data.target_iqn).toBe(first.body.connection_info.data.target_iqn);
    expect([await statusOf(volume), await exports(volume)]).toEqual(['available', 1]);
    expect((await api.as(ME).delete(`/v3/volumes/${volume}`)).status).toBe(400);
    const other = { ...connector, initiator: 'iqn.1993-08.org.debian:01:two' };
    await act(volume, 'os-initialize_connection', { connector: other });
    expect(await exports(volume)).toBe(2);
    await act(volume, 'os-terminate_connection', { connector });
    expect(await exports(volume)).toBe(1);
    await act(volume, 'os-terminate_connection', { connector: null });
    expect(await exports(volume)).toBe(0);
    expect((await act(volume, 'os-terminate_connection', { connector })).status).toBe(202);
  });

  it('that never came about leaves nothing behind', async () => {
    const volume = await seedVolume(api.database);
    storage.failure = new Fault('unavailable', 'tgtd is away');
    expect((await act(volume, 'os-initialize_connection', { connector })).status).toBe(500);
    expect(await api.database.query('select from attachments where volume_id = $1', [volume])).toEqual([]);
    expect(await statusOf(volume)).toBe('available');
  });

  it('that is asked for again, in vain, stays: a server may use it', async () => {
    const volume = await seedVolume(api.database);
    await act(volume, 'os-initialize_connection', { connector });
    storage.failure = new Fault('unavailable', 'tgtd is away');
    expect((await act(volume, 'os-initialize_connection', { connector })).status).toBe(500);
    expect([await statusOf(volume), await exports(volume)]).toEqual(['available', 1]);
    await act(volume, 'os-attach', { instance_uuid: randomUUID(), mountpoint: '/dev/vdb' });
    expect((await act(volume, 'os-initialize_connection', { connector })).status).toBe(500);
    expect([await statusOf(volume), await exports(volume)]).toEqual(['in-use', 1]);
  });

  it('shared by two servers of one host stays until the second is detached', async () => {
    const volume = await seedVolume(api.database);
    await api.database.query('update volumes set multiattach = true where id = $1', [volume]);
    await act(volume, 'os-initialize_connection', { connector });
    await act(volume, 'os-attach', { instance_uuid: randomUUID(), mountpoint: '/dev/vdb' });
    await act(volume, 'os-attach', { instance_uuid: randomUUID(), mountpoint: '/dev/vdb' });
    const [first, second] = (await show(volume)).attachments;
    expect((await act(volume, 'os-detach', null)).status).toBe(400);
    await act(volume, 'os-detach', { attachment_id: first!.attachment_id });
    expect([await exports(volume), await statusOf(volume)]).toEqual([1, 'in-use']);
    await act(volume, 'os-detach', { attachment_id: second!.attachment_id });
    expect(await statusOf(volume)).toBe('available');
    await act(volume, 'os-terminate_connection', { connector });
    expect(await exports(volume)).toBe(0);
  });

  it('is not shown to another project', async () => {
    const volume = await seedVolume(api.database);
    const keys = [
      'os-reserve',
      'os-unreserve',
      'os-begin_detaching',
      'os-roll_detaching',
      'os-initialize_connection',
      'os-terminate_connection',
      'os-detach',
    ];
    for (const key of keys) {
      expect((await act(volume, key, { connector }, 'x:q:member,reader')).status).toBe(
        key === 'os-detach' ? 400 : 404,
      );
    }
  });
});

describe('os-attach', () => {
  it.each<[string, object]>([
    ['neither server nor host', { mountpoint: '/dev/vdb' }],
    ['both', { mountpoint: '/dev/vdb', instance_uuid: randomUUID(), host_name: 'h' }],
    ['no mountpoint', { instance_uuid: randomUUID() }],
    ['an unknown mode', { mountpoint: '/dev/vdb', host_name: 'h', mode: 'x' }],
  ])('refuses %s', async (_what, value) => {
    const volume = await seedVolume(api.database);
    expect((await act(volume, 'os-attach', value)).status).toBe(400);
  });

  it('does not take a volume that the attachments API has reserved, nor one that is attached', async () => {
    const volume = await seedVolume(api.database);
    const reserved = { attachment: { volume_uuid: volume } };
    await api.as(ME).post('/v3/attachments', reserved, { version: '3.44' });
    const attach = () => act(volume, 'os-attach', { host_name: randomUUID(), mountpoint: '/dev/vdb' });
    expect((await attach()).status).toBe(400);
    const other = await seedVolume(api.database);
    await act(other, 'os-attach', { host_name: 'one', mountpoint: '/dev/vdb' });
    expect((await act(other, 'os-attach', { host_name: 'two', mountpoint: '/dev/vdb' })).status).toBe(400);
  });

  it('does not attach a read-only volume to write', async () => {
    const volume = await seedVolume(api.database);
    await api.database.query('update volumes set readonly = true where id = $1', [volume]);
    const value = { host_name: 'h', mountpoint: '/dev/vdb' };
    expect((await act(volume, 'os-attach', { ...value, mode: 'rw' })).status).toBe(400);
    expect((await act(volume, 'os-attach', { ...value, mode: 'ro' })).status).toBe(202);
    expect((await show(volume)).metadata).toMatchObject({ attached_mode: 'ro' });
  });
});

describe('os-force_detach', () => {
  it('is for administrators, and knows which attachment', async () => {
    const volume = await seedVolume(api.database);
    await act(volume, 'os-initialize_connection', { connector });
    await act(volume, 'os-attach', { host_name: 'compute1', mountpoint: '/dev/vdb' });
    const [attachment] = (await show(volume)).attachments;
    const value = { attachment_id: attachment!.attachment_id, connector };
    expect((await act(volume, 'os-force_detach', value)).status).toBe(403);
    const unknown = { ...value, attachment_id: randomUUID() };
    expect((await act(volume, 'os-force_detach', unknown, ADMIN)).status).toBe(400);
    expect((await act(volume, 'os-force_detach', value, ADMIN)).status).toBe(202);
    expect([await statusOf(volume), await exports(volume)]).toEqual(['available', 0]);
  });
});
