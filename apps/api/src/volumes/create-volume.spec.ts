import type { CreateVolumeInput } from '@scoria/operations';
import { FakeImages } from '../testing/fake-images.js';
import { RoleAuthenticator } from '../testing/role-authenticator.js';
import { BACKEND, seedSnapshot, seedVolume, unlimited } from '../testing/seed.js';
import { startTestApi, type TestApi } from '../testing/test-api.js';

const GIB = 1024 ** 3;
const UNKNOWN = '00000000-0000-4000-8000-000000000000';
const images = new FakeImages();
let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ authenticator: new RoleAuthenticator(), images });
  await unlimited(api.database);
  await api.database.query(
    `insert into volume_types (name, is_public, extra_specs) values
       ('multi', true, '{"multiattach":"<is> True"}'), ('hidden', false, '{}'),
       ('zoned', true, '{"RESKEY:availability_zones":"east, west"}')`,
  );
  await api.database.query(
    `insert into services ("binary", host, availability_zone) values ('cinder-volume', 'h@b', 'east')`,
  );
});
afterAll(() => api.close());

const create = (volume: object, version = '3.71', token = 'u:p:member,reader', more: object = {}) =>
  api.as(token).post('/v3/volumes', { volume, ...more }, { version });

async function inputOf(id: string): Promise<CreateVolumeInput> {
  const [row] = await api.database.query<{ input: CreateVolumeInput }>(
    'select input from operations where resource_id = $1',
    [id],
  );
  return row!.input;
}

describe('what a create refuses', () => {
  it.each<[object, number, RegExp]>([
    [{}, 400, /Volume size 'None' must be an integer/],
    [{ size: null }, 400, /Volume size 'None'/],
    [
      { size: 0 },
      400,
      /^Invalid input for field\/attribute size\. Value: 0\. 0 is less than the minimum of 1$/,
    ],
    [{ size: -1 }, 400, /attribute size/],
    [{ size: 1.5 }, 400, /1\.5 is not of type 'integer'/],
    [{ size: 'abc' }, 400, /^Invalid input for field\/attribute size\. Value: abc\. /],
    [{ size: '0x1' }, 400, /attribute size/],
    [{ size: [1] }, 400, /attribute size/],
    [{ size: true }, 400, /attribute size/],
    [{ size: 2 ** 31 }, 400, /greater than the maximum/],
    [{ size: 1, name: 'n'.repeat(256) }, 400, /attribute name.*too long/],
    [{ size: 1, name: 7 }, 400, /7 is not of type 'string'/],
    [{ size: 1, description: 'd'.repeat(256) }, 400, /attribute description/],
    [{ size: 1, metadata: [] }, 400, /attribute metadata/],
    [{ size: 1, metadata: { k: 1 } }, 400, /attribute metadata/],
    [{ size: 1, metadata: { '': 'v' } }, 400, /attribute metadata/],
    [{ size: 1, metadata: { ü: 'v' } }, 400, /attribute metadata/],
    [{ size: 1, metadata: { k: 'v'.repeat(256) } }, 400, /attribute metadata/],
    [{ size: 1, snapshot_id: 'x' }, 400, /attribute snapshot_id/],
    [{ size: 1, snapshot_id: UNKNOWN }, 404, /Snapshot .* could not be found/],
    [{ size: 1, source_volid: UNKNOWN }, 404, /Volume .* could not be found/],
    [{ size: 1, backup_id: UNKNOWN }, 404, /Backup/],
    [{ size: 1, group_id: UNKNOWN }, 404, /Group/],
    [{ size: 1, volume_type: 'nothing' }, 404, /Volume type nothing could not be found/],
    [{ size: 1, volume_type: 'hidden' }, 404, /Volume type hidden/],
    [{ size: 1, imageRef: UNKNOWN }, 400, /Invalid image identifier/],
    [{ size: 1, snapshot_id: UNKNOWN, imageRef: UNKNOWN }, 400, /at most one source/],
    [{ size: 1, multiattach: true }, 400, /multiattach volume type should be used/],
    [{ size: 1, availability_zone: 'moon' }, 400, /Availability zone 'moon' is invalid/],
    [{ size: 1, availability_zone: '' }, 400, /availability_zone/],
    [{ size: 1, surprise: 1 }, 400, /'surprise' was unexpected/],
    [{ size: 1, constructor: 1 }, 400, /'constructor' was unexpected/],
  ])('%j', async (volume, status, message) => {
    const { status: answered, body } = await create(volume);
    expect([answered, (body.badRequest ?? body.itemNotFound).message]).toEqual([
      status,
      expect.stringMatching(message),
    ]);
  });

  it.each([[{ volumes: {} }], [{ volume: null }], [{ volume: [] }], [{ volume: { size: 1 }, other: 1 }]])(
    'the body %j',
    async (body) => {
      for (const version of ['3.0', '3.53'])
        expect((await api.as('u:p:member').post('/v3/volumes', body, { version })).status).toBe(400);
    },
  );

  it('unknown keys of the volume only from 3.53, and gated keys as unknown below their version', async () => {
    expect((await create({ size: 1, surprise: 1 }, '3.52')).status).toBe(202);
    expect((await create({ size: 1, group_id: 'not even a uuid' }, '3.12')).status).toBe(202);
    expect((await create({ size: 1, group_id: 'not even a uuid' }, '3.13')).status).toBe(400);
  });

  it.each([
    [{ same_host: 'x' }, 400],
    [{ same_host: [UNKNOWN] }, 202],
    [{ query: 'x' }, 400],
    [{ local_to_instance: 7 }, 400],
    [{ mine: { anything: 1 } }, 202],
  ])('scheduler hints %j: %i', async (hints, status) => {
    expect(
      (await create({ size: 1 }, '3.71', undefined, { 'OS-SCH-HNT:scheduler_hints': hints })).status,
    ).toBe(status);
  });
});

describe('what a create decides', () => {
  it('takes digits for a size and the older names', async () => {
    const { body } = await create({ size: '2', display_name: ' n ', display_description: 'd' });
    expect(body.volume).toMatchObject({ size: 2, name: 'n', description: 'd' });
  });

  it('keeps keys of metadata and hints that every object of JavaScript has', async () => {
    const items = { constructor: 'x', toString: 'x', valueOf: 'x', hasOwnProperty: 'x' };
    const { status, body } = await create({ size: 1, metadata: items }, '3.71', undefined, {
      'OS-SCH-HNT:scheduler_hints': { query: items, constructor: 'x' },
    });
    expect([status, body.volume.metadata]).toEqual([202, items]);
    expect((await inputOf(body.volume.id)).hints).toEqual({ query: items, constructor: 'x' });
    expect((await create({ size: 1, name: items })).status).toBe(400);
  });

  it('answers the view without extension keys', async () => {
    const { body } = await create({ size: 1 });
    expect(Object.keys(body.volume).filter((key) => key.startsWith('os-'))).toEqual([]);
  });

  it('finds a type by name and by id, and makes its volumes multiattach when it says so', async () => {
    const [{ id }] = (await api.database.query<{ id: string }>(
      `select id from volume_types where name = 'multi'`,
    )) as [{ id: string }];
    for (const wanted of ['multi', id]) {
      const { body } = await create({ size: 1, volume_type: wanted });
      expect(body.volume).toMatchObject({ volume_type: 'multi', volume_type_id: id, multiattach: true });
    }
  });

  it('opens a private type to the projects it is shared with', async () => {
    await api.database.query(
      `insert into volume_type_access select id, 'friend' from volume_types where name = 'hidden'`,
    );
    expect((await create({ size: 1, volume_type: 'hidden' }, '3.0', 'u:friend:member')).status).toBe(202);
  });

  it('keeps to the zones of the type', async () => {
    const { body } = await create({ size: 1, volume_type: 'zoned' });
    expect((await inputOf(body.volume.id)).availabilityZones).toEqual(['east', 'west']);
    expect(
      (await create({ size: 1, volume_type: 'zoned', availability_zone: 'east' })).body.volume
        .availability_zone,
    ).toBe('east');
    expect((await create({ size: 1, volume_type: 'zoned', availability_zone: 'nova' })).status).toBe(400);
  });

  it('makes a copy where its source is, of its type and size, and holds the source', async () => {
    const source = await seedVolume(api.database, { size: 3, bootable: true });
    const snapshot = await seedSnapshot(api.database, source);
    for (const [key, of, hold] of [
      ['source_volid', source, 'volume_id'],
      ['snapshot_id', snapshot, 'snapshot_id'],
    ] as const) {
      const { status, body } = await create({ [key]: of });
      expect([status, body.volume]).toEqual([
        202,
        expect.objectContaining({ size: 3, bootable: 'true', [key]: of }),
      ]);
      expect(await inputOf(body.volume.id)).toMatchObject({ pinnedTo: BACKEND, availabilityZones: ['nova'] });
      const holds = await api.database.query(
        `select from operation_holds h join operations o on o.id = h.operation_id where o.resource_id = $1 and h.${hold} = $2`,
        [body.volume.id, of],
      );
      expect(holds).toHaveLength(1);
      expect((await create({ [key]: of, size: 2 })).status).toBe(400);
      expect((await create({ [key]: of, size: 4 })).body.volume.size).toBe(4);
      expect((await create({ [key]: of, availability_zone: 'east' })).status).toBe(400);
      expect((await create({ [key]: of, size: 4 }, '3.71', 'u:stranger:member')).status).toBe(404);
    }
  });

  it.each(['error', 'maintenance', 'attaching'])('does not copy a volume in %s', async (status) => {
    const source = await seedVolume(api.database, { status });
    expect((await create({ source_volid: source })).status).toBe(400);
  });

  it('asks for the image with the token of the caller, and needs room for it', async () => {
    const image = images.add({ sizeBytes: GIB + 1, minDiskGib: 1, virtualSizeBytes: 2 * GIB + 1 });
    expect((await create({ size: 2, imageRef: image })).body.badRequest.message).toContain('image size 3GB');
    const { status, body } = await create({ size: 3, imageRef: image });
    expect(status).toBe(202);
    expect(await inputOf(body.volume.id)).toMatchObject({ source: { kind: 'image', imageId: image } });
    expect(images.callers.at(-1)).toMatchObject({ projectId: 'p', token: 'u:p:member,reader' });
    expect((await create({ size: 9, imageRef: images.add({ status: 'queued' }) })).status).toBe(400);
    expect(
      (await create({ size: 1, imageRef: images.add({ properties: { cinder_img_volume_type: 'multi' } }) }))
        .body.volume.volume_type,
    ).toBe('multi');
  });
});

describe('what names the image of a create', () => {
  it.each([
    ['its id', (id: string) => id, 202],
    ['a URL that ends in its id', (id: string) => `http://glance:9292/v2/images/${id}`, 202],
    ['its name', () => 'only one', 202],
    ['a name that two have', () => 'twin', 409],
    ['a name that none has', () => 'nobody', 400],
    ['a URL of none', () => `http://glance:9292/v2/images/${UNKNOWN}`, 400],
  ])('%s', async (_, reference, status) => {
    images.images.clear();
    const id = images.add({ name: 'only one' });
    images.add({ name: 'twin' });
    images.add({ name: 'twin' });
    const reply = await create({ size: 1, imageRef: reference(id) });
    expect(reply.status).toBe(status);
    if (status === 202)
      expect(await inputOf(reply.body.volume.id)).toMatchObject({ source: { kind: 'image', imageId: id } });
  });

  it('is a name also where it looks like an id', async () => {
    const id = images.add({ name: UNKNOWN });
    const { body } = await create({ size: 1, image_id: UNKNOWN });
    expect((await inputOf(body.volume.id)).source).toEqual({ kind: 'image', imageId: id });
  });
});

describe('quota', () => {
  it('is exact when fifty creates come at once', async () => {
    const me = api.as('u:crowd:member');
    const replies = await Promise.all(
      Array.from({ length: 50 }, () => me.post('/v3/volumes', { volume: { size: 1 } })),
    );
    expect(replies.filter(({ status }) => status === 202)).toHaveLength(10);
    const refused = replies.filter(({ status }) => status === 413);
    expect(refused).toHaveLength(40);
    expect(refused[0]!.body.overLimit).toEqual({
      code: 413,
      message: expect.stringContaining('Maximum number of volumes allowed (10) exceeded') as unknown,
      retryAfter: '0',
    });
    expect(refused[0]!.headers.get('retry-after')).toBe('0');
    const [usage] = await api.database.query<{ volumes: string; operations: number }>(
      `select u.volumes, (select count(*)::int from operations where project_id = 'crowd') as operations
         from usages u where project_id = 'crowd' and volume_type_id = '00000000-0000-0000-0000-000000000000'`,
    );
    expect(usage).toEqual({ volumes: '10', operations: 10 });
  });

  it('counts gigabytes, and bounds a single volume', async () => {
    const me = 'u:large:member';
    expect((await create({ size: 1001 }, '3.0', me)).body.overLimit.message).toContain(
      'Requested 1001G, quota is 1000G',
    );
    await api.database.query(`insert into quota_limits values ('large', 'per_volume_gigabytes', 5)`);
    expect((await create({ size: 6 }, '3.0', me)).body.overLimit.message).toContain(
      '6G is larger than maximum allowed limit 5G',
    );
    expect((await create({ size: 5 }, '3.0', me)).status).toBe(202);
  });
});

describe('a doorbell that cannot be rung', () => {
  it('does not fail the request: the row is there', async () => {
    await using lost = await startTestApi({ ring: () => Promise.reject(new Error('the broker is down')) });
    const { status, body } = await lost.as('u:p').post('/v3/volumes', { volume: { size: 1 } });
    expect(status).toBe(202);
    expect(
      await lost.database.query('select from operations where resource_id = $1 and live', [body.volume.id]),
    ).toHaveLength(1);
  });

  it('may be gone when the request comes again under its key', async () => {
    const image = images.add({});
    const again = () =>
      api
        .as('u:p:member,reader')
        .post(
          '/v3/volumes',
          { volume: { size: 1, imageRef: image } },
          { headers: { 'idempotency-key': 'of an image' } },
        );
    const first = await again();
    images.images.delete(image);
    const second = await again();
    expect([second.status, second.text, second.headers.get('idempotency-replayed')]).toEqual([
      202,
      first.text,
      'true',
    ]);
  });
});
