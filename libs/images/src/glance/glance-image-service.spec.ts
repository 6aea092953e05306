import { randomBytes, randomUUID } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { KeystoneAuthenticator } from '@scoria/identity';
import {
  freePort,
  hasGlance,
  hasKeystone,
  removeTempDirs,
  startGlance,
  startKeystone,
  tempDir,
  type TestGlance,
  type TestKeystone,
  waitFor,
} from '@scoria/testing';
import type { ImageCaller } from '../image-caller.js';
import type { NewImage } from '../image-info.js';
import { GlanceImageService } from './glance-image-service.js';

const MIB = 1024 ** 2;
const { signal } = new AbortController();
const newImage = (overrides: Partial<NewImage> = {}): NewImage & { id: string } => ({
  id: randomUUID(),
  name: 'made',
  diskFormat: 'raw',
  containerFormat: 'bare',
  visibility: 'private',
  ...overrides,
});

afterAll(removeTempDirs);

(hasGlance() ? describe : describe.skip)('a real Glance', () => {
  const mine: ImageCaller = { projectId: 'mine', userId: 'me' };
  const other: ImageCaller = { projectId: 'other', userId: 'them' };
  let glance: TestGlance;
  let service: GlanceImageService;

  beforeAll(async () => {
    glance = await startGlance({ dir: tempDir('glance'), port: await freePort() });
    service = new GlanceImageService({ url: glance.url });
  }, 120_000);

  afterAll(async () => {
    await service.close();
    await glance.stop();
  });

  it('keeps an image from its making to its end', async () => {
    const meta = newImage({
      minDiskGib: 3,
      properties: { os_distro: 'debian', checksum: 'not mine to say' },
    });
    expect(await service.create(meta, mine)).toMatchObject({
      id: meta.id,
      status: 'queued',
      sizeBytes: 0,
      minDiskGib: 3,
      owner: 'mine',
      properties: { os_distro: 'debian' },
    });
    const bytes = randomBytes(3 * MIB + 7);
    await service.upload(meta.id, Readable.from([bytes]), mine, { signal, sizeBytes: bytes.length });
    const image = await service.show(meta.id, mine);
    expect(image).toMatchObject({ status: 'active', sizeBytes: bytes.length, osHashAlgo: 'sha512' });
    expect(image.checksum).toMatch(/^[0-9a-f]{32}$/);
    const back = await buffer(await service.download(meta.id, mine, { signal }));
    expect(back.equals(bytes)).toBe(true);
    const from = 2 * MIB + 3;
    const rest = await buffer(await service.download(meta.id, mine, { signal, from }));
    expect(rest.equals(bytes.subarray(from))).toBe(true);
    await service.delete(meta.id, mine);
    await expect(service.show(meta.id, mine)).rejects.toMatchObject({ kind: 'notFound' });
    await service.delete(meta.id, mine);
  });

  it.each(['', '.', '..', '../images', 'a/b', randomUUID()])('has no image %j', async (id) => {
    await expect(service.show(id, mine)).rejects.toMatchObject({ kind: 'notFound' });
  });

  it("makes one image of a create whose answer was lost, and none over another project's", async () => {
    const meta = newImage();
    await service.create(meta, mine);
    expect(await service.create(meta, mine)).toMatchObject({ id: meta.id, status: 'queued' });
    await expect(service.create(meta, other)).rejects.toMatchObject({ kind: 'conflict' });
  });

  it('hides a private image from other projects though our own user sees it', async () => {
    const meta = newImage();
    await service.create(meta, mine);
    await expect(service.show(meta.id, other)).rejects.toMatchObject({ kind: 'notFound' });
    await service.delete(meta.id, other);
    expect((await service.show(meta.id, { ...other, roles: ['admin'] })).id).toBe(meta.id);
  });

  it('finds images by their very name, and none that the caller may not see', async () => {
    const name = `named, ${randomUUID()} & 100%`;
    const { id } = await service.create(newImage({ name }), mine);
    await service.create(newImage({ name }), other);
    expect((await service.named(name, mine)).map((image) => image.id)).toEqual([id]);
    expect(await service.named(name, { ...mine, roles: ['admin'] })).toHaveLength(2);
    expect(await service.named(`in:"${name}",other`, mine)).toEqual([]);
    expect(await service.named(randomUUID(), mine)).toEqual([]);
  });

  it('has no bytes to give before they came', async () => {
    const { id } = await service.create(newImage(), mine);
    await expect(service.download(id, mine, { signal })).rejects.toMatchObject({ kind: 'badRequest' });
  });

  it('takes the upload again after one broke midway', async () => {
    const { id } = await service.create(newImage(), mine);
    const broken = new PassThrough();
    broken.write(randomBytes(MIB));
    const first = service.upload(id, broken, mine, { signal, sizeBytes: 2 * MIB }).catch((error) => error);
    await waitFor(async () => (await service.show(id, mine)).status === 'saving');
    broken.destroy(new Error('the device is gone'));
    expect(await first).toBeInstanceOf(Error);
    await service.upload(id, Readable.from([randomBytes(2 * MIB)]), mine, { signal, sizeBytes: 2 * MIB });
    expect(await service.show(id, mine)).toMatchObject({ status: 'active', sizeBytes: 2 * MIB });
  });

  it('leaves an active image as it is when the upload is run again', async () => {
    const { id } = await service.create(newImage(), mine);
    await service.upload(id, Readable.from([Buffer.from('first')]), mine, { signal, sizeBytes: 5 });
    await service.upload(id, Readable.from([Buffer.from('later')]), mine, { signal, sizeBytes: 5 });
    expect((await buffer(await service.download(id, mine, { signal }))).toString()).toBe('first');
    await expect(
      service.upload(id, Readable.from([Buffer.from('longer')]), mine, { signal, sizeBytes: 6 }),
    ).rejects.toMatchObject({ kind: 'conflict' });
  });

  it('that still waits for the bytes of a host which is gone is tried again later', async () => {
    const { id } = await service.create(newImage(), mine);
    const silent = new PassThrough();
    silent.write(randomBytes(MIB));
    const first = service.upload(id, silent, mine, { signal }).catch((error) => error);
    await waitFor(async () => (await service.show(id, mine)).status === 'saving');
    const impatient = new GlanceImageService({ url: glance.url, savingTimeoutMs: 0 });
    try {
      const second = impatient.upload(id, Readable.from(['bytes']), mine, { signal });
      await expect(second).rejects.toMatchObject({ kind: 'unavailable' });
    } finally {
      await impatient.close();
      silent.destroy(new Error('its time is over'));
      await first;
    }
  });

  it('stops an upload when told to', async () => {
    const { id } = await service.create(newImage(), mine);
    const stop = new AbortController();
    const endless = new PassThrough();
    endless.write(randomBytes(MIB));
    const upload = service.upload(id, endless, mine, { signal: stop.signal }).catch((error) => error);
    await waitFor(async () => (await service.show(id, mine)).status === 'saving');
    stop.abort(new Error('cancelled'));
    expect(await upload).toMatchObject({ message: 'cancelled' });
    expect(endless.destroyed).toBe(true);
  });

  it('does not take away a protected image', async () => {
    const { id } = await service.create(newImage({ protected: true }), mine);
    await expect(service.delete(id, mine)).rejects.toMatchObject({ kind: 'forbidden' });
  });

  it('protects an image and lets go of it, each once or twice', async () => {
    const { id } = await service.create(newImage(), mine);
    for (const wanted of [true, true, false, false]) {
      await service.setProtected(id, mine, wanted);
      expect(await service.show(id, mine)).toMatchObject({ protected: wanted });
    }
    await service.delete(id, mine);
    await expect(service.setProtected(id, mine, true)).rejects.toMatchObject({ kind: 'notFound' });
  });
});

(hasGlance() && hasKeystone() ? describe : describe.skip)('a real Glance that asks a real Keystone', () => {
  let keystone: TestKeystone;
  let glance: TestGlance;
  let authenticator: KeystoneAuthenticator;
  let service: GlanceImageService;
  let user: ImageCaller & { token: string };

  beforeAll(async () => {
    keystone = await startKeystone({ dir: tempDir('keystone'), port: await freePort() });
    const { admin, url } = keystone;
    const services = await admin.createProject('service');
    const own = await admin.createUser('scoria', 'scoria-password');
    await admin.grant(own.id, services, 'admin');
    const login = { username: own.name, password: own.password, projectName: 'service' };
    const projectId = await admin.createProject('demo');
    const demo = await admin.createUser('demo', 'demo-password');
    await admin.grant(demo.id, projectId, 'member');
    user = { projectId, userId: demo.id, token: await admin.login(demo, { project: 'demo' }) };
    glance = await startGlance({
      dir: tempDir('glance'),
      port: await freePort(),
      keystone: { url, ...login },
    });
    authenticator = new KeystoneAuthenticator({
      ...{ url, ...login, userDomainName: 'Default', projectDomainName: 'Default' },
      ...{ cacheSeconds: 300, cacheSize: 10, serviceTokenRoles: ['service'] },
    });
    service = new GlanceImageService({ url: glance.url, tokens: authenticator.session });
  }, 180_000);

  afterAll(async () => {
    await service.close();
    await authenticator.close();
    await glance.stop();
    await keystone.stop();
  });

  it("gives an image made on a caller's behalf to the caller's project, without the caller's token", async () => {
    const { token, ...caller } = user;
    const meta = newImage();
    expect(await service.create(meta, caller)).toMatchObject({ owner: user.projectId });
    await service.upload(meta.id, Readable.from([Buffer.from('bytes')]), caller, { signal });
    expect((await buffer(await service.download(meta.id, { ...caller, token }, { signal }))).toString()).toBe(
      'bytes',
    );
  });

  it("leaves it to Glance what a caller's own token may see", async () => {
    const meta = newImage();
    await service.create(meta, { projectId: 'other', userId: 'them' });
    await expect(service.show(meta.id, user)).rejects.toMatchObject({ kind: 'notFound' });
    await expect(service.create(newImage({ visibility: 'public' }), user)).rejects.toMatchObject({
      kind: 'forbidden',
    });
  });

  it("calls the caller's token bad only when it is the caller's", async () => {
    await expect(service.show(randomUUID(), { ...user, token: 'bad' })).rejects.toMatchObject({
      kind: 'unauthorized',
    });
  });

  it('logs in again when its own token was revoked', async () => {
    const { token: _token, ...caller } = user;
    const { id } = await service.create(newImage(), caller);
    const own = await authenticator.session.token();
    await keystone.admin.revoke(own);
    expect((await service.show(id, caller)).id).toBe(id);
  });
});
