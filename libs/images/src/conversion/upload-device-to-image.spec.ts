import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readdirSync, readlinkSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { jest } from '@jest/globals';
import { removeTempDirs } from '@scoria/testing';
import type { ImageInfo } from '../image-info.js';
import { ConversionBench } from './conversion-bench.spec-helper.js';
import type { ConversionOptions } from './conversion-options.js';
import { uploadDeviceToImage } from './upload-device-to-image.js';

const MIB = 1024 ** 2;
/** A gigabyte is moved several times. */
jest.setTimeout(180_000);

const ID = '5a0a5a56-8f58-4a4c-9e0e-3b6d5f3f6a11';

describe('a device on its way to an image', () => {
  let bench: ConversionBench;

  beforeEach(() => {
    bench = new ConversionBench(8);
    const device = openSync(bench.device, 'r+');
    writeSync(device, randomBytes(MIB), 0, MIB, 700 * MIB);
    closeSync(device);
  });

  afterAll(removeTempDirs);

  const create = (diskFormat: string): Promise<ImageInfo> =>
    bench.service.create({ id: ID, name: 'made', diskFormat, containerFormat: 'bare' }, bench.caller);

  const upload = (image: ImageInfo, overrides: Partial<ConversionOptions> = {}): Promise<void> =>
    uploadDeviceToImage({
      service: bench.service,
      image,
      caller: bench.caller,
      devicePath: bench.device,
      sizeGib: 1,
      workDir: bench.work,
      operationId: 'operation',
      commands: bench.commands,
      signal: new AbortController().signal,
      timeoutMs: 120_000,
      ...overrides,
    });

  it.each(['raw', 'qcow2'])('becomes a %s image from which the same bytes come back', async (format) => {
    const seen: number[] = [];
    await upload(await create(format), { onProgress: (percent) => seen.push(percent) });
    const image = await bench.service.show(ID, bench.caller);
    expect(image).toMatchObject({ status: 'active', diskFormat: format, virtualSizeBytes: 1024 * MIB });
    expect(image.checksum).toMatch(/^[0-9a-f]{32}$/);
    expect(seen.at(-1)).toBe(100);
    expect(seen.length).toBeGreaterThan(10);

    const copy = bench.makeDevice(dirname(bench.device), 'copy');
    await bench.fetch(ID, { devicePath: copy });
    expect(bench.deviceDigest(1024, copy)).toBe(bench.deviceDigest(1024));
    expect(readdirSync(bench.work)).toEqual([]);
  });

  it.each(['raw', 'qcow2'])(
    'becomes a %s image at the second try, when the first was cut short',
    async (format) => {
      const image = await create(format);
      const stop = new AbortController();
      const cut = upload(image, {
        signal: stop.signal,
        onProgress: (percent) => percent >= 20 && stop.abort(new Error('the lease is lost')),
      });
      await expect(cut).rejects.toThrow();
      expect(await bench.service.show(ID, bench.caller)).toMatchObject({ status: 'queued' });
      expect(readdirSync(bench.work)).toEqual([]);
      await upload(image);
      await upload(image);
      expect(await bench.service.show(ID, bench.caller)).toMatchObject({ status: 'active' });
    },
  );

  it.each(['raw', 'qcow2'])('is let go of when the %s image takes nothing of it', async (format) => {
    const image = await create(format);
    await expect(upload(image, { caller: { ...bench.caller, projectId: 'another' } })).rejects.toMatchObject({
      kind: 'notFound',
    });
    expect(heldOpen(dirname(bench.device))).toEqual([]);
  });

  it('that cannot be opened fails the upload alone', async () => {
    const devicePath = join(bench.work, 'absent');
    await expect(upload(await create('raw'), { devicePath })).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it.each(['vmdk', 'vhdx'])('does not become a %s image', async (diskFormat) => {
    const image = { ...(await create('raw')), diskFormat };
    await expect(upload(image)).rejects.toMatchObject({ kind: 'badRequest' });
  });
});

/** Files below a directory that this process has open. */
function heldOpen(directory: string): string[] {
  const descriptors = readdirSync('/proc/self/fd').map((descriptor) => `/proc/self/fd/${descriptor}`);
  return descriptors.map(targetOf).filter((target) => target.startsWith(directory));
}

function targetOf(descriptor: string): string {
  try {
    return readlinkSync(descriptor);
  } catch {
    // Closed meanwhile.
    return '';
  }
}
