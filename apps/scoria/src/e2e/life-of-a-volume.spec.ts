import { join } from 'node:path';
import { jest } from '@jest/globals';
import { Initiator } from '@scoria/exports/conformance';
import { removeTempDirs, tempDir, waitFor } from '@scoria/testing';
import { Cluster } from './support/cluster.js';
import { asQcow2, ext4Image, rawOf } from './support/image.js';
import type { Shape } from './support/shape.js';
import { SingleProcess } from './support/single-process.js';
import { connectorOf, User } from './support/user.js';

const CLIENT = 'iqn.1993-08.org.debian:01:client';
const STRANGER = 'iqn.1993-08.org.debian:01:stranger';
const GIB = 1024 ** 3;
const SHAPES: [string, () => Promise<Shape>][] = [
  ['one process', () => SingleProcess.start()],
  ['a cluster', () => Cluster.start()],
];

/** A line of Prometheus's text format: a comment, or a sample with a number. */
const SAMPLE = /^$|^# |^[a-zA-Z_:][\w:]*(\{.*\})? (-?[\d.]+(e[+-]?\d+)?|NaN|[+-]?Inf)$/;

jest.setTimeout(180_000);

afterAll(removeTempDirs);

describe.each(SHAPES)('in %s', (_, start) => {
  let shape: Shape;
  let user: User;
  let raw: string;
  let running = false;

  beforeAll(async () => {
    shape = await start();
    running = true;
    user = new User(shape);
    raw = await ext4Image(shape.imagesDir);
    await asQcow2(raw, join(shape.imagesDir, 'packed.qcow2'));
  });

  afterAll(async () => {
    await shape?.stop();
  });

  afterEach(async () => {
    if (running) await user.removeAll();
  });

  /** Attaches a volume for as long as `look` takes. */
  async function attached<T>(volumeId: string, look: (disk: Initiator) => Promise<T>): Promise<T> {
    const { id, info } = await user.attach(volumeId, CLIENT);
    const seen = await look(new Initiator(info, { name: CLIENT }));
    await user.detach(id);
    return seen;
  }

  const targetOf = (attachmentId: string): unknown => expect.stringContaining(attachmentId);

  test.each([
    ['disk', 'raw'],
    ['packed', 'qcow2'],
  ])(
    'a volume made of image %s holds its bytes, none of its packing, and says where it is from',
    async (name, format) => {
      const text = await user.commands.cinder('create', '--image', name, '--volume-type', 'file', '1');
      const id = /\| id +\| (\S+) +\|/.exec(text)![1]!;
      expect(await user.settled('volumes', id)).toMatchObject({
        bootable: 'true',
        size: 1,
        volume_image_metadata: { disk_format: format, image_name: name },
      });
      expect(await attached(id, (disk) => disk.holds(raw))).toBe(true);
    },
  );

  test('a snapshot stays as it was while its volume is written; a clone is equal; growth is seen by who uses it', async () => {
    const { id } = await user.commands.openstack<{ id: string }>(
      ...['volume', 'create', '--size', '1', '--type', 'file', 'source'],
    );
    await user.settled('volumes', id);
    const { id: attachment, info } = await user.attach(id, CLIENT);
    expect(await user.show('volumes', id)).toMatchObject({ status: 'in-use' });
    await using session = await new Initiator(info, { name: CLIENT }).stay();
    await session.io('write -P 0xaa 0 1M');
    await session.io('flush');

    await user.commands.openstackText('volume', 'snapshot', 'create', '--force', '--volume', id, 'before');
    const [snapshot] = await user.commands.openstack<{ ID: string }[]>('volume', 'snapshot', 'list');
    await user.settled('snapshots', snapshot!.ID);
    await session.io('write -P 0xbb 0 1M');
    await session.io('flush');

    await user.commands.openstackText('volume', 'set', '--size', '2', id);
    const grown = await waitFor(() => user.show('volumes', id), {
      describe: 'the volume to be larger',
      until: ({ size, status }) => size === 2 && status === 'in-use',
    });
    expect(grown).toMatchObject({ size: 2 });
    const again = new Initiator(info, { name: CLIENT });
    expect(await again.size()).toBe(2 * GIB);
    expect(await session.io('read -P 0xbb 0 1M')).not.toMatch(/failed/);
    await again.io('write -P 0xcc 1536M 1M', 'read -P 0xcc 1536M 1M');
    await session.close();
    await user.detach(attachment);
    expect(await user.show('volumes', id)).toMatchObject({ status: 'available' });

    const restored = await user.volume({ name: 'restored', snapshot_id: snapshot!.ID });
    const clone = await user.volume({ name: 'clone', size: 2, source_volid: id });
    await attached(restored, (disk) => disk.io('read -P 0xaa 0 1M', 'read -P 0 1M 1022M'));
    await attached(clone, (disk) => disk.io('read -P 0xbb 0 1M', 'read -P 0xcc 1536M 1M'));
    expect(await user.commands.cinder('list')).toContain('restored');

    expect(await user.request('DELETE', `/volumes/${id}`)).toMatchObject({ status: 400 });
  });

  test('a wrong password and a foreign initiator are refused; after the detach the target is gone', async () => {
    const id = await user.volume({ name: 'guarded' });
    const { id: attachment, info } = await user.attach(id, CLIENT);
    const username = String(info.data['auth_username']);
    const refused = (options: object): Promise<string> =>
      new Initiator(info, { name: CLIENT, ...options }).io('read 0 512');
    await expect(refused({ chap: { username, password: 'x'.repeat(16) } })).rejects.toThrow(
      /513|uthentication/,
    );
    await expect(refused({ chap: null })).rejects.toThrow(/login|513|uthentication/i);
    await expect(refused({ name: STRANGER })).rejects.toThrow(/515|not found/i);
    expect(await shape.targets(CLIENT)).toContainEqual(targetOf(attachment));
    await new Initiator(info, { name: CLIENT }).io('read 0 512');
    await user.detach(attachment);
    expect(await shape.targets(CLIENT)).not.toContainEqual(targetOf(attachment));
    await expect(refused({})).rejects.toThrow();
  });

  test('the older calls attach and detach as well', async () => {
    const id = await user.volume({ name: 'older' });
    const connector = connectorOf(CLIENT);
    await user.act(id, 'os-reserve', null);
    expect(await user.show('volumes', id)).toMatchObject({ status: 'attaching' });
    const { connection_info: info } = await user.act<{
      connection_info: ConstructorParameters<typeof Initiator>[0];
    }>(id, 'os-initialize_connection', { connector });
    await new Initiator(info, { name: CLIENT }).io('write -P 0xdd 0 1M', 'read -P 0xdd 0 1M');
    await user.act(id, 'os-attach', {
      instance_uuid: '11111111-2222-4333-8444-555555555555',
      mountpoint: '/dev/vdb',
      mode: 'rw',
    });
    const used = await user.show('volumes', id);
    expect(used).toMatchObject({ status: 'in-use', attachments: [{ device: '/dev/vdb' }] });
    await user.act(id, 'os-begin_detaching', null);
    await user.act(id, 'os-terminate_connection', { connector });
    expect(await shape.targets(CLIENT)).not.toContain(info.data['target_iqn']);
    await user.act(id, 'os-detach', {});
    expect(await user.show('volumes', id)).toMatchObject({ status: 'available', attachments: [] });
  });

  test('a volume becomes an image and a volume again without losing a byte', async () => {
    const id = await user.volume({ name: 'original', imageRef: 'disk' });
    const { 'os-volume_upload_image': image } = await user.act<Record<string, { image_id: string }>>(
      id,
      'os-volume_upload_image',
      { image_name: 'copy', disk_format: 'qcow2', container_format: 'bare' },
    );
    await user.settled('volumes', id);
    const unpacked = await rawOf(join(shape.imagesDir, `${image!.image_id}.qcow2`), tempDir('image'));
    const again = await user.volume({ name: 'again', imageRef: image!.image_id });
    for (const volume of [id, again]) {
      expect(await attached(volume, (disk) => disk.holds(unpacked))).toBe(true);
      expect(await attached(volume, (disk) => disk.holds(raw))).toBe(true);
    }
  });

  test('what cannot be done is refused in words that the clients understand', async () => {
    const volume = await user.volume({ name: 'small' });
    await expect(user.commands.cinder('extend', volume, '1')).rejects.toThrow(
      /New size for extend must be greater than current size.*HTTP 400/,
    );
    await user.ask('PUT', `/os-quota-sets/${user.project}`, { quota_set: { volumes: 1 } });
    await expect(
      user.commands.openstackText('volume', 'create', '--size', '1', '--type', 'file', 'one-too-many'),
    ).rejects.toThrow(/HTTP 413/);
    await user.ask('DELETE', `/os-quota-sets/${user.project}`);
  });

  test('a long list comes in pages that miss nothing', async () => {
    const ids = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => user.volume({ name })));
    const page = async (...more: string[]): Promise<string[]> => {
      const rows = await user.commands.openstack<{ ID: string }[]>('volume', 'list', '--limit', '2', ...more);
      return rows.map(({ ID }) => ID);
    };
    const first = await page();
    const second = await page('--marker', first[1]!);
    const third = await page('--marker', second[1]!);
    expect([first.length, second.length, third.length]).toEqual([2, 2, 1]);
    expect([...first, ...second, ...third].sort()).toEqual(ids.sort());
  });

  test('killed in the middle of everything, it goes on where it was', async () => {
    const [used, wanted, doomed] = await Promise.all(
      ['used', 'wanted', 'doomed'].map((name) => user.volume({ name })),
    );
    const { id: attachment, info } = await user.attach(used!, CLIENT);
    const [packed, empty] = await Promise.all([
      user.createVolume({ name: 'from-image', imageRef: 'packed' }),
      user.createVolume({ name: 'empty' }),
      user.ask('DELETE', `/volumes/${doomed}`),
    ]);
    // The answer may be lost with the process that would give it.
    const attaching = user.attach(wanted!, CLIENT).catch(() => undefined);
    await shape.crash();
    await attaching;
    for (const id of [packed, empty]) await user.settled('volumes', id);
    await user.gone('volumes', doomed!);
    await waitFor(() => new Initiator(info, { name: CLIENT }).io('read 0 512'), {
      describe: 'the export to be served again',
    });
    await user.detach(attachment);
    expect(await attached(packed, (disk) => disk.holds(raw))).toBe(true);
  });

  test('each process tells what it does to whom it may concern', async () => {
    const texts = await Promise.all(
      shape.metricsUrls.map(async (url) => (await fetch(`${url}/metrics`)).text()),
    );
    for (const text of texts) expect(text.split('\n').filter((line) => !SAMPLE.test(line))).toEqual([]);
    expect(texts.join('\n')).toMatch(/^scoria_operation_duration_seconds_bucket\{/m);
    expect(texts.join('\n')).toMatch(/^openstack_cinder_/m);
  });

  test('in the end nothing is left: no row, no file, no target, no usage', async () => {
    expect(await user.commands.openstack('volume', 'list')).toEqual([]);
    expect(await shape.storedFiles()).toEqual([]);
    expect(await shape.targets(CLIENT)).toEqual([]);
    const { limits } = await user.ask<{ limits: { absolute: Record<string, number> } }>('GET', '/limits');
    expect(limits.absolute).toMatchObject({
      totalVolumesUsed: 0,
      totalGigabytesUsed: 0,
      totalSnapshotsUsed: 0,
    });
  });

  test('after a clean stop nothing runs, tgtd included', async () => {
    running = false;
    expect(await shape.stop()).toEqual([]);
  });
});
