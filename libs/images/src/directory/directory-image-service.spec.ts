import { existsSync, mkdirSync, readdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { removeTempDirs, tempDir, waitFor } from '@scoria/testing';
import { DirectoryImageService } from './directory-image-service.js';

const ID = '5a0a5a56-8f58-4a4c-9e0e-3b6d5f3f6a11';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const mine = { projectId: 'mine', userId: 'me' };
const other = { projectId: 'other', userId: 'them' };
const admin = { projectId: 'other', userId: 'root', roles: ['admin'] };
const { signal } = new AbortController();

describe('a directory of images', () => {
  let path: string;
  let service: DirectoryImageService;

  beforeEach(() => {
    path = join(tempDir('directory'), 'images');
    mkdirSync(path);
    service = new DirectoryImageService(path);
  });

  afterAll(removeTempDirs);

  const create = (overrides = {}): ReturnType<DirectoryImageService['create']> =>
    service.create({ id: ID, name: 'made', diskFormat: 'raw', containerFormat: 'bare', ...overrides }, mine);

  it('takes a file that somebody puts there as a public image, whose id stays the same', async () => {
    writeFileSync(join(path, 'debian.raw'), 'bytes');
    const image = await service.show('debian', mine);
    expect(image).toMatchObject({
      name: 'debian',
      status: 'active',
      diskFormat: 'raw',
      sizeBytes: 5,
      visibility: 'public',
    });
    expect(image.id).toMatch(UUID);
    for (const name of [image.id, 'debian.raw']) expect((await service.show(name, other)).id).toBe(image.id);
    expect((await new DirectoryImageService(path).show('debian', mine)).id).toBe(image.id);
    expect((await buffer(await service.download(image.id, other, { signal }))).toString()).toBe('bytes');
  });

  it('believes the bytes rather than the ending', async () => {
    writeFileSync(join(path, 'disk.img'), 'QFI\xfb', 'latin1');
    truncateSync(join(path, 'disk.img'), 4096);
    expect(await service.show('disk', mine)).toMatchObject({ diskFormat: 'qcow2' });
  });

  it.each([
    '../secret',
    '../secret.raw',
    '/etc/passwd',
    'secret\0.raw',
    '',
    '.',
    '..',
    '.hidden',
    '.hidden.raw',
  ])('finds nothing outside itself, asked for %j', async (wanted) => {
    writeFileSync(join(path, '..', 'secret.raw'), 'secret');
    writeFileSync(join(path, '.hidden.raw'), 'secret');
    await expect(service.show(wanted, admin)).rejects.toMatchObject({ kind: 'notFound' });
  });

  it("makes the same image however often it is told to, and no image over another project's", async () => {
    expect(await create()).toEqual(await create());
    await expect(
      service.create({ id: ID, name: 'theirs', diskFormat: 'raw', containerFormat: 'bare' }, other),
    ).rejects.toMatchObject({ kind: 'conflict' });
  });

  it.each(['vmdk', '../../etc/cron.d/evil', ''])('makes no image of the format %j', async (diskFormat) => {
    await expect(create({ diskFormat })).rejects.toMatchObject({ kind: 'badRequest' });
    expect(readdirSync(path)).toEqual([]);
  });

  it('shows a private image to its project and to administrators only', async () => {
    await create();
    await expect(service.show(ID, other)).rejects.toMatchObject({ kind: 'notFound' });
    await expect(service.download(ID, other, { signal })).rejects.toMatchObject({ kind: 'notFound' });
    for (const caller of [mine, admin]) expect((await service.show(ID, caller)).owner).toBe('mine');
  });

  it('has no bytes to give before they came', async () => {
    await create();
    await expect(service.download(ID, mine, { signal })).rejects.toMatchObject({ kind: 'badRequest' });
  });

  it('never shows half an upload, and takes the next one', async () => {
    await create();
    const broken = new PassThrough();
    broken.write('half');
    broken.destroy(new Error('the device is gone'));
    await expect(service.upload(ID, broken, mine, { signal })).rejects.toThrow('the device is gone');
    expect(readdirSync(path)).toEqual([`${ID}.json`]);
    await expect(
      service.upload(ID, Readable.from([Buffer.from('short')]), mine, { signal, sizeBytes: 50 }),
    ).rejects.toThrow('5 bytes came of 50');
    await service.upload(ID, Readable.from([Buffer.from('whole')]), mine, { signal, sizeBytes: 5 });
    expect(await service.show(ID, mine)).toMatchObject({
      status: 'active',
      sizeBytes: 5,
      // md5sum of 'whole'
      checksum: '356c9ee60e9da05301adc3bd96f6b383',
    });
  });

  it('leaves an active image as it is when the upload is run again', async () => {
    await create();
    await service.upload(ID, Readable.from([Buffer.from('first')]), mine, { signal });
    const again = Readable.from([Buffer.from('later')]);
    await service.upload(ID, again, mine, { signal, sizeBytes: 5 });
    expect(again.destroyed).toBe(true);
    expect((await buffer(await service.download(ID, mine, { signal }))).toString()).toBe('first');
    await expect(
      service.upload(ID, Readable.from([Buffer.from('longer')]), mine, { signal, sizeBytes: 6 }),
    ).rejects.toMatchObject({ kind: 'conflict' });
  });

  it('does not let an upload that was only slow finish over its successor', async () => {
    await create();
    const slow = new PassThrough();
    slow.write('slow');
    const first = service.upload(ID, slow, mine, { signal }).catch((error) => error);
    await waitFor(() => readdirSync(path).some((name) => name.endsWith('.part')));
    await service.upload(ID, Readable.from([Buffer.from('quick')]), mine, { signal });
    slow.end();
    expect(await first).toMatchObject({ code: 'ENOENT' });
    expect((await buffer(await service.download(ID, mine, { signal }))).toString()).toBe('quick');
    // md5sum of 'quick'
    expect(await service.show(ID, mine)).toMatchObject({ checksum: '1df3746a4728276afdc24f828186f73a' });
  });

  it('leaves nothing of a description that was cut short by a kill', async () => {
    await create();
    const leave = (): void => writeFileSync(join(path, `.${ID}.0.json.part`), '{');
    leave();
    await service.upload(ID, Readable.from([Buffer.from('whole')]), mine, { signal });
    leave();
    await service.setProtected(ID, mine, true);
    expect(readdirSync(path).sort()).toEqual([`${ID}.json`, `${ID}.raw`]);
    leave();
    await service.setProtected(ID, mine, false);
    leave();
    await service.delete(ID, mine);
    expect(readdirSync(path)).toEqual([]);
  });

  it('lets only its project take an image away, and what somebody put there only an administrator', async () => {
    await create({ visibility: 'public' });
    writeFileSync(join(path, 'debian.raw'), 'bytes');
    for (const id of [ID, 'debian'])
      await expect(service.delete(id, other)).rejects.toMatchObject({ kind: 'forbidden' });
    await service.delete(ID, mine);
    await service.delete(ID, mine);
    await service.delete('debian', admin);
    expect(readdirSync(path)).toEqual([]);
  });

  it('follows a link that its owner put there', async () => {
    const target = join(path, '..', 'elsewhere');
    writeFileSync(target, 'linked');
    symlinkSync(target, join(path, 'linked.raw'));
    expect(await service.show('linked', mine)).toMatchObject({ sizeBytes: 6 });
    await service.delete('linked', admin);
    expect(existsSync(target)).toBe(true);
  });
});
