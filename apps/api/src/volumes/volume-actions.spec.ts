import { lockVolume } from '@scoria/store';
import { waitFor } from '@scoria/testing';
import { FakeImages } from '../testing/fake-images.js';
import { RoleAuthenticator } from '../testing/role-authenticator.js';
import { BACKEND, seedAttachment, seedSnapshot, seedVolume, unlimited } from '../testing/seed.js';
import { startTestApi, type TestApi } from '../testing/test-api.js';

const images = new FakeImages();
let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ authenticator: new RoleAuthenticator(), images });
  await unlimited(api.database);
});
afterAll(() => api.close());

const MEMBER = 'u:p:member,reader';
const ADMIN = 'a:other:admin';
const act = (id: string, action: object, version = '3.71', token = MEMBER) =>
  api.as(token).post(`/v3/volumes/${id}/action`, action, { version });
const show = async (id: string) => (await api.as(ADMIN).get(`/v3/volumes/${id}`)).body.volume;

/** Sessions of this database that wait for a lock. */
async function waiting(): Promise<number> {
  const [row] = await api.database.query<{ n: number }>(
    `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return row!.n;
}

async function operationOf(id: string): Promise<Record<string, unknown> | undefined> {
  const [row] = await api.database.query<Record<string, unknown>>(
    'select kind, input, queue, backend, cancel_requested, project_id from operations where resource_id = $1 order by created_at desc limit 1',
    [id],
  );
  return row;
}

describe('os-extend', () => {
  it('takes the growth from the quota at once and leaves the size to the operation', async () => {
    const id = await seedVolume(api.database, { size: 2, project: 'grow' });
    const { status } = await act(id, { 'os-extend': { new_size: '5' } }, '3.0', 'u:grow:member');
    expect(status).toBe(202);
    expect(await show(id)).toMatchObject({ status: 'extending', size: 2 });
    expect(await operationOf(id)).toMatchObject({
      kind: 'volume.extend',
      input: { newSize: 5, oldSize: 2 },
      queue: 'scheduler',
      backend: BACKEND,
    });
    const [usage] = await api.database.query(
      `select gigabytes, reserved_gigabytes as reserved from usages where project_id = 'grow' limit 1`,
    );
    expect(usage).toEqual({ gigabytes: '2', reserved: '3' });
  });

  it('is refused beyond the quota, with nothing changed', async () => {
    const id = await seedVolume(api.database, { size: 2, project: 'poor' });
    expect((await act(id, { 'os-extend': { new_size: 2000 } }, '3.0', 'u:poor:member')).status).toBe(413);
    expect(await show(id)).toMatchObject({ status: 'available', size: 2 });
    expect(await operationOf(id)).toBeUndefined();
  });

  it.each([
    [{ new_size: 2 }],
    [{ new_size: 1 }],
    [{ new_size: 0 }],
    [{ new_size: 'x' }],
    [{}],
    [null],
    [{ new_size: 3, more: 1 }],
  ])('refuses %j', async (body) => {
    const id = await seedVolume(api.database, { size: 2 });
    expect((await act(id, { 'os-extend': body })).status).toBe(400);
  });

  it('grows a volume in use from 3.42 only', async () => {
    const id = await seedVolume(api.database);
    await seedAttachment(api.database, id);
    expect((await act(id, { 'os-extend': { new_size: 3 } }, '3.41')).status).toBe(400);
    expect((await act(id, { 'os-extend': { new_size: 3 } }, '3.42')).status).toBe(202);
  });

  it('happens once when it is asked for ten times at once', async () => {
    const id = await seedVolume(api.database);
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => act(id, { 'os-extend': { new_size: 3 } })),
    );
    expect(replies.map(({ status }) => status).sort()).toEqual([202, ...Array<number>(9).fill(400)]);
  });
});

describe('flags and image metadata', () => {
  it('sets bootable with 200 and readonly with 202', async () => {
    const id = await seedVolume(api.database);
    const bootable = await act(id, { 'os-set_bootable': { bootable: 'True' } });
    expect([bootable.status, bootable.text]).toEqual([200, '']);
    expect((await act(id, { 'os-update_readonly_flag': { readonly: true } })).status).toBe(202);
    expect(await show(id)).toMatchObject({ bootable: 'true', metadata: { readonly: 'True' } });
    await api.database.query(`update volumes set status = 'error' where id = $1`, [id]);
    expect((await act(id, { 'os-update_readonly_flag': { readonly: true } })).status).toBe(400);
  });

  it('keeps no more image metadata than a list of volumes can carry, however it comes', async () => {
    const id = await seedVolume(api.database);
    const set = (key: string) =>
      act(id, { 'os-set_image_metadata': { metadata: { [key]: 'v'.repeat(65_000) } } });
    expect([(await set('a')).status, (await set('b')).status]).toEqual([200, 200]);
    expect((await set('c')).status).toBe(400);
    const { body } = await act(id, { 'os-show_image_metadata': null });
    expect(Object.keys(body.metadata)).toEqual(['a', 'b']);
  });

  it('sets, shows and unsets image metadata', async () => {
    const id = await seedVolume(api.database);
    await act(id, { 'os-set_image_metadata': { metadata: { os: 'linux', k: 'v' } } });
    const all = await act(id, { 'os-set_image_metadata': { metadata: { k: 'w'.repeat(300) } } });
    expect([all.status, all.body]).toEqual([200, { metadata: { os: 'linux', k: 'w'.repeat(300) } }]);
    const unset = await act(id, { 'os-unset_image_metadata': { key: 'k' } });
    expect([unset.status, unset.text]).toEqual([200, '']);
    expect((await act(id, { 'os-unset_image_metadata': { key: 'k' } })).status).toBe(404);
    const shown = await act(id, { 'os-show_image_metadata': null }, '3.0', 'u:p:reader');
    expect([shown.status, shown.body]).toEqual([200, { metadata: { os: 'linux' } }]);
  });
});

describe('os-volume_upload_image', () => {
  const upload = (id: string, body: object, version = '3.1', token = MEMBER, headers = {}) =>
    api.as(token).post(`/v3/volumes/${id}/action`, { 'os-volume_upload_image': body }, { version, headers });

  it('makes the image with the token of the caller and answers what it is', async () => {
    const id = await seedVolume(api.database, { size: 2 });
    const { status, body } = await upload(id, {
      image_name: 'img',
      disk_format: 'qcow2',
      visibility: 'shared',
    });
    const answer = body['os-volume_upload_image'];
    expect([status, answer]).toEqual([
      202,
      expect.objectContaining({
        id,
        status: 'uploading',
        size: 2,
        image_name: 'img',
        disk_format: 'qcow2',
        container_format: 'bare',
        visibility: 'shared',
        protected: false,
      }),
    ]);
    expect(answer.volume_type.name).toBe('__DEFAULT__');
    expect(images.images.get(answer.image_id)).toMatchObject({ status: 'queued', owner: 'p' });
    expect(images.callers.at(-1)).toMatchObject({ token: MEMBER });
    expect(await show(id)).toMatchObject({ status: 'uploading' });
    expect(await operationOf(id)).toMatchObject({
      kind: 'volume.upload',
      input: { imageId: answer.image_id, previousStatus: 'available' },
    });
  });

  it('protects no image before it is complete: the undo could not take it away', async () => {
    const id = await seedVolume(api.database);
    const { body } = await upload(id, { image_name: 'img', protected: true });
    const answer = body['os-volume_upload_image'];
    expect(answer.protected).toBe(true);
    expect(images.images.get(answer.image_id)).toMatchObject({ protected: false });
    expect(await operationOf(id)).toMatchObject({ input: { protect: true, imageOwner: 'p' } });
  });

  it('makes one image for a request that is repeated under its key', async () => {
    const id = await seedVolume(api.database);
    const before = images.images.size;
    const first = await upload(id, { image_name: 'once' }, '3.0', MEMBER, { 'idempotency-key': 'once' });
    const again = await upload(id, { image_name: 'once' }, '3.0', MEMBER, { 'idempotency-key': 'once' });
    expect([again.status, again.text]).toEqual([202, first.text]);
    expect(images.images.size).toBe(before + 1);
  });

  it('neither fills nor removes an image that was made under its key days ago', async () => {
    const id = await seedVolume(api.database);
    const again = () =>
      upload(id, { image_name: 'nightly' }, '3.0', MEMBER, { 'idempotency-key': 'nightly' });
    const first = (await again()).body['os-volume_upload_image'];
    images.images.get(first.image_id)!.status = 'active';
    await api.database.query(
      `begin; update idempotency_keys set created_at = now() - interval '25 hours' where key = 'nightly';
       update volumes set status = 'available', operation_id = null where id = '${id}';
       update operations set state = 'succeeded' where resource_id = '${id}'; commit`,
    );
    const second = (await again()).body['os-volume_upload_image'];
    expect(second.image_id).not.toBe(first.image_id);
    expect(images.images.get(second.image_id)).toMatchObject({ status: 'queued' });
    expect(images.images.get(first.image_id)).toMatchObject({ status: 'active' });
    // Refused under its lock: the volume is being uploaded.
    await api.database.query(`delete from idempotency_keys where key = 'nightly'`);
    const before = [...images.images.keys()];
    expect((await again()).status).toBe(400);
    expect([...images.images.keys()]).toEqual(before);
  });

  it('leaves no image behind when it is refused', async () => {
    const before = images.images.size;
    const used = await seedVolume(api.database);
    await seedAttachment(api.database, used);
    expect((await upload(used, { image_name: 'x', force: true })).status).toBe(400);
    expect((await upload(used, { image_name: '' })).status).toBe(400);
    expect((await upload(used, { image_name: 'x', disk_format: 'iso' })).status).toBe(400);
    expect((await upload(used, { image_name: 'x', visibility: 'public' })).status).toBe(403);
    expect((await upload(used, { image_name: 'x', visibility: 'shared' }, '3.0')).status).toBe(400);
    expect(images.images.size).toBe(before);
  });
});

describe('os-reset_status', () => {
  const reset = (id: string, body: object | null) => act(id, { 'os-reset_status': body }, '3.0', ADMIN);

  it('sets a status at rest', async () => {
    const id = await seedVolume(api.database, { status: 'error' });
    expect((await reset(id, { status: 'available' })).status).toBe(202);
    expect(await show(id)).toMatchObject({ status: 'available' });
  });

  it.each([
    'creating',
    'deleting',
    'extending',
    'uploading',
    'downloading',
    'attaching',
    'detaching',
    'reserved',
    'nonsense',
    'in-use',
  ])('refuses %s, which no request can make true', async (status) => {
    const id = await seedVolume(api.database);
    expect((await reset(id, { status })).status).toBe(400);
    expect(await show(id)).toMatchObject({ status: 'available' });
  });

  it.each([
    [{}],
    [null],
    [{ attach_status: 'attached' }],
    [{ attach_status: 'x' }],
    [{ migration_status: 'starting' }],
    [{ status: null, attach_status: null, migration_status: null }],
    [{ other: 1 }],
  ])('refuses %j', async (body) => {
    expect((await reset(await seedVolume(api.database), body)).status).toBe(400);
  });

  it('takes null for absent', async () => {
    const id = await seedVolume(api.database);
    const nulls = { attach_status: null, migration_status: null };
    expect((await reset(id, { ...nulls, status: 'error' })).status).toBe(202);
    expect(await show(id)).toMatchObject({ status: 'error' });
    expect((await reset(id, { status: null, attach_status: 'detached' })).status).toBe(202);
    expect(await show(id)).toMatchObject({ status: 'error' });
  });

  it('asks a live operation to stop instead of overwriting what it will write', async () => {
    const id = await seedVolume(api.database, { size: 1 });
    await act(id, { 'os-extend': { new_size: 2 } });
    expect((await reset(id, { status: 'available' })).status).toBe(202);
    expect(await show(id)).toMatchObject({ status: 'extending' });
    expect(await operationOf(id)).toMatchObject({ cancel_requested: true });
  });

  it.each([{ 'os-reset_status': { status: 'available' } }, { 'os-force_delete': {} }])(
    'waits for a step that is being committed without holding what that step changes: %j',
    async (action) => {
      const id = await seedVolume(api.database, { size: 1 });
      await act(id, { 'os-extend': { new_size: 2 } });
      const { answer } = await api.database.transaction(async (tx) => {
        await tx.query('select from operations where resource_id = $1 and live for update', [id]);
        const answer = act(id, action, '3.0', ADMIN);
        await waitFor(async () => (await waiting()) === 1);
        await tx.query('select from volumes where id = $1 for update nowait', [id]);
        return { answer };
      });
      expect([202, 409]).toContain((await answer).status);
      expect(await operationOf(id)).toMatchObject({ kind: 'volume.extend', cancel_requested: true });
    },
  );

  it('does not free a volume that is attached', async () => {
    const id = await seedVolume(api.database);
    await seedAttachment(api.database, id);
    await api.database.query(`update volumes set status = 'error' where id = $1`, [id]);
    expect((await reset(id, { status: 'available' })).status).toBe(202);
    expect(await show(id)).toMatchObject({ status: 'in-use' });
    expect((await reset(id, { attach_status: 'detached' })).status).toBe(400);
  });
});

describe('deletion', () => {
  it('goes to the host of the volume', async () => {
    const id = await seedVolume(api.database);
    expect((await api.as(MEMBER).delete(`/v3/volumes/${id}`)).status).toBe(202);
    expect(await show(id)).toMatchObject({ status: 'deleting' });
    expect(await operationOf(id)).toMatchObject({
      kind: 'volume.delete',
      queue: `volume.${BACKEND}`,
      input: { cascade: false },
    });
    expect((await api.as(MEMBER).delete(`/v3/volumes/${id}`)).status).toBe(400);
    expect((await act(id, { 'os-force_delete': {} }, '3.0', ADMIN)).status).toBe(202);
  });

  it('is refused while attached, in use or with snapshots', async () => {
    const attached = await seedVolume(api.database);
    await seedAttachment(api.database, attached);
    const attachedInError = await seedVolume(api.database);
    await seedAttachment(api.database, attachedInError);
    await api.database.query(`update volumes set status = 'error' where id = $1`, [attachedInError]);
    const parent = await seedVolume(api.database);
    await seedSnapshot(api.database, parent);
    for (const id of [attached, attachedInError, parent]) {
      expect((await api.as(MEMBER).delete(`/v3/volumes/${id}`)).body.badRequest.message).toMatch(
        /^Invalid volume: Volume status must be/,
      );
      expect((await act(id, { 'os-force_delete': null }, '3.0', ADMIN)).status).toBe(400);
    }
  });

  it('takes the snapshots along when it is to, unless one is busy', async () => {
    const id = await seedVolume(api.database);
    const snapshots = [
      await seedSnapshot(api.database, id),
      await seedSnapshot(api.database, id, { status: 'error' }),
    ];
    expect((await api.as(MEMBER).delete(`/v3/snapshots/${snapshots[0]}`)).status).toBe(202);
    expect((await api.as(MEMBER).delete(`/v3/volumes/${id}?cascade=true`)).status).toBe(400);
    await api.database
      .query(`begin; update snapshots set status='available', operation_id=null where id='${snapshots[0]}';
      update operations set state='failed' where resource_id='${snapshots[0]}'; commit`);
    expect((await api.as(MEMBER).delete(`/v3/volumes/${id}?cascade=true`)).status).toBe(202);
    const rows = await api.database.query<{ same: boolean; status: string }>(
      'select s.status, s.operation_id = v.operation_id as same from snapshots s join volumes v on v.id = s.volume_id where v.id = $1',
      [id],
    );
    expect(rows).toEqual([
      { status: 'deleting', same: true },
      { status: 'deleting', same: true },
    ]);
  });

  it('sees the snapshot that was being made while it waited', async () => {
    const id = await seedVolume(api.database);
    const removed = await api.database.transaction(async (tx) => {
      await lockVolume(tx, id, null);
      const removing = api.as(MEMBER).delete(`/v3/volumes/${id}`);
      await waitFor(async () => (await waiting()) === 1, { describe: 'the deletion to wait for the volume' });
      await tx.query(
        `insert into snapshots (id, project_id, user_id, volume_id, volume_size, volume_type_id, status)
         select gen_random_uuid(), 'p', 'u', id, size, volume_type_id, 'available' from volumes where id = $1`,
        [id],
      );
      return { removing };
    });
    expect((await removed.removing).status).toBe(400);
    expect(await show(id)).toMatchObject({ status: 'available' });
  });

  it('by force stops a live operation first', async () => {
    const id = await seedVolume(api.database);
    await act(id, { 'os-extend': { new_size: 2 } });
    const { status, body } = await act(id, { 'os-force_delete': {} }, '3.0', ADMIN);
    expect([status, body.conflictingRequest.code]).toEqual([409, 409]);
    expect(await operationOf(id)).toMatchObject({ kind: 'volume.extend', cancel_requested: true });
    const stuck = await seedVolume(api.database, { status: 'maintenance' });
    expect((await act(stuck, { 'os-force_delete': {} }, '3.0', ADMIN)).status).toBe(202);
    expect(await operationOf(stuck)).toMatchObject({ kind: 'volume.delete', project_id: 'p' });
  });
});
