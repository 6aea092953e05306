import { mkdir, readdir, truncate, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { BackendConfig } from '@scoria/config';
import type { Driver } from '@scoria/drivers';
import type { ExportProtocol } from '@scoria/exports';
import { DirectoryImageService, type ImageService } from '@scoria/images';
import {
  OPERATIONS,
  StepRegistry,
  uploadVolume,
  type OperationRecord,
  type StepContext,
  type UploadVolumeInput,
} from '@scoria/operations';
import type { Tx } from '@scoria/store';
import { removeTempDirs, tempDir } from '@scoria/testing';
import { Backend, Backends } from '../backend.js';
import type { StepDeps } from './deps.js';
import { implementUploadVolume } from './upload-volume.js';

const GIB = 2 ** 30;
/** Whoever asked, in a project of his own, for an image of another project's volume. */
const OWNER = { projectId: 'asker', userId: 'someone' };
const CONTEXT = { signal: new AbortController().signal, progress: () => {} } as unknown as StepContext;

let dir: string;
let images: DirectoryImageService;
let warnings: string[];

beforeEach(async () => {
  dir = tempDir();
  for (const part of ['images', 'work']) await mkdir(join(dir, part));
  images = new DirectoryImageService(join(dir, 'images'));
  warnings = [];
});
afterAll(removeTempDirs);

const newImage = () => images.create({ name: 'made', diskFormat: 'raw', containerFormat: 'bare' }, OWNER);

async function upload(
  phase: 'run' | 'undo',
  input: Partial<UploadVolumeInput>,
  service: ImageService | null = images,
): Promise<void> {
  const id = randomUUID();
  const path = join(dir, 'device');
  await writeFile(path, '');
  await truncate(path, GIB);
  const driver = { device: async () => ({ path }) } as unknown as Driver;
  const steps = new StepRegistry<Tx>(OPERATIONS);
  implementUploadVolume(steps, {
    database: { query: async () => [{ id, projectId: 'p', size: 1, pool: 'h@b#p' }] },
    backends: new Backends([
      new Backend('h', Object.assign(new BackendConfig(), { name: 'b' }), driver, {} as ExportProtocol),
    ]),
    images: service ?? undefined,
    imagesConfig: { conversionDir: join(dir, 'work'), timeoutSeconds: 60 },
    logger: { warn: (fields: { reason: string }) => void warnings.push(fields.reason) },
  } as unknown as StepDeps);
  const operation = { id: randomUUID(), resourceId: id, backend: 'h@b', projectId: 'p', userId: 'u', input };
  await steps.handler(uploadVolume, 'upload')![phase]!(operation as unknown as OperationRecord, CONTEXT);
}

test('an image is protected when its bytes are there, not before, and its upload can run again', async () => {
  const { id: imageId } = await newImage();
  const protectedAtUpload: boolean[] = [];
  images.upload = async (id, data) => {
    data.destroy();
    protectedAtUpload.push((await images.show(id, OWNER)).protected);
  };
  const input = { imageId, imageOwner: OWNER.projectId, protect: true };
  for (let time = 0; time < 2; time++) await upload('run', input);
  expect(protectedAtUpload).toEqual([false, true]);
  expect(await images.show(imageId, OWNER)).toMatchObject({ protected: true });
});

describe('the undo of an upload', () => {
  it.each([false, true])('takes the image away; protected: %s', async (isProtected) => {
    const { id: imageId } = await newImage();
    await images.setProtected(imageId, OWNER, isProtected);
    for (let time = 0; time < 2; time++) await upload('undo', { imageId, imageOwner: OWNER.projectId });
    expect(await readdir(join(dir, 'images'))).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it("comes to its end without an image service, or when the image is another's, and says what is left", async () => {
    await upload('undo', { imageId: randomUUID() }, null);
    const meta = { name: 'x', diskFormat: 'raw', containerFormat: 'bare', visibility: 'public' };
    const { id: imageId } = await images.create(meta, { projectId: 'another', userId: 'they' });
    await upload('undo', { imageId });
    expect(warnings).toEqual([
      'no image service is configured on the storage host',
      expect.stringContaining('may not be changed'),
    ]);
  });

  it('is tried again while the image service is away', async () => {
    const away = { show: async () => Promise.reject(new Error('no answer')) } as unknown as ImageService;
    await expect(upload('undo', { imageId: randomUUID() }, away)).rejects.toThrow('no answer');
  });
});
