import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, openSync, readFileSync, readdirSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { jest } from '@jest/globals';
import { removeTempDirs } from '@scoria/testing';
import { DirectoryImageService } from '../directory/directory-image-service.js';
import type { ImageCaller } from '../image-caller.js';
import type { DownloadOptions } from '../image-service.js';
import { ConversionBench } from './conversion-bench.spec-helper.js';
import { CutRun, WatchedCommands, cutAgainAndAgain } from './interruptions.spec-helper.js';

/** Much is written and read, each time to the disk. */
jest.setTimeout(180_000);

const MIB = 1024 ** 2;
const IMAGE_MIB = 8;
const WINDOW = 2 * MIB;

/** Remembers from which byte on it was asked for images. */
class WatchedImages extends DirectoryImageService {
  from: number[] = [];

  override download(id: string, caller: ImageCaller, options: DownloadOptions): Promise<Readable> {
    this.from.push(options.from ?? 0);
    return super.download(id, caller, options);
  }
}

describe('an image whose way to a device is cut short', () => {
  let bench: ConversionBench;
  let images: WatchedImages;
  let commands: WatchedCommands;
  let content: Buffer;

  beforeEach(() => {
    bench = new ConversionBench(16);
    images = new WatchedImages(bench.images);
    commands = new WatchedCommands({ owner: 'images-test' });
    content = randomBytes(IMAGE_MIB * MIB);
    content.fill(0, 3 * MIB, 5 * MIB);
    const raw = join(bench.images, 'disk.raw');
    writeFileSync(raw, content);
    execFileSync('qemu-img', [
      ...['convert', '-f', 'raw', '-O', 'qcow2', raw, join(bench.images, 'packed.qcow2')],
    ]);
    const checksum = (name: string): string =>
      JSON.stringify({
        checksum: createHash('md5')
          .update(readFileSync(join(bench.images, name)))
          .digest('hex'),
      });
    writeFileSync(join(bench.images, 'packed.json'), checksum('packed.qcow2'));
    writeFileSync(join(bench.images, 'hashed.raw'), content);
    writeFileSync(join(bench.images, 'hashed.json'), checksum('hashed.raw'));
  });

  afterAll(removeTempDirs);

  const fetch = async (id: string, run: CutRun, overrides: object = {}): Promise<void> =>
    bench.fetch(id, {
      service: images,
      commands,
      checkpoints: run,
      signal: run.signal,
      firstWindowBytes: WINDOW,
      ...overrides,
    });

  const expectImage = (): void => {
    const device = readFileSync(bench.device).subarray(0, IMAGE_MIB * MIB);
    expect(device.equals(content)).toBe(true);
    expect(readdirSync(bench.work)).toEqual([]);
  };

  it.each(['disk', 'hashed'])(
    'goes on at each checkpoint, and comes byte for byte with nothing sent twice, from raw %s',
    async (id) => {
      const cuts = await cutAgainAndAgain(1, (run) => fetch(id, run));
      expectImage();
      // The last block needs no download any more: only its checkpoint was still to come.
      expect(images.from).toEqual(Array.from({ length: IMAGE_MIB }, (_, index) => index * MIB));
      expect(cuts).toBe(IMAGE_MIB);
    },
  );

  it('goes on at each checkpoint, first of the download and then of the conversion, from qcow2', async () => {
    const cuts = await cutAgainAndAgain(1, (run) => fetch('packed', run));
    expectImage();
    expect(new Set(images.from).size).toBe(images.from.length);
    expect(commands.copied).toBe(IMAGE_MIB * MIB);
    expect(commands.windows.map(([offset]) => offset)).toEqual([0, 2 * MIB, 4 * MIB, 6 * MIB]);
    expect(cuts).toBe(images.from.length + 3);
  });

  it('tells a progress that grows over all its runs', async () => {
    const seen: number[] = [];
    await cutAgainAndAgain(1, async (run) => {
      const ofRun: number[] = [];
      try {
        await fetch('packed', run, { onProgress: (percent: number) => ofRun.push(percent) });
      } finally {
        seen.push(ofRun[0]!);
      }
    });
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen[0]).toBeLessThan(20);
    expect(seen.at(-1)).toBeGreaterThan(75);
  });

  it.each(['disk', 'packed'])(
    'is begun anew when what was written is not there any more, from %s',
    async (id) => {
      const first = new CutRun(undefined, 2);
      await expect(fetch(id, first)).rejects.toThrow();
      const target = id === 'disk' ? bench.device : join(bench.work, readdirSync(bench.work)[0]!);
      const file = openSync(target, 'r+');
      writeSync(file, Buffer.alloc(4096, 0xbb), 0, 4096, MIB);
      closeSync(file);
      await fetch(id, new CutRun(first.saved.at(-1), 0));
      expectImage();
      expect(images.from).toEqual([0, 0]);
    },
  );

  it('is begun anew when the image has become another one', async () => {
    const first = new CutRun(undefined, 3);
    await expect(fetch('disk', first)).rejects.toThrow();
    content = randomBytes(IMAGE_MIB * MIB);
    writeFileSync(join(bench.images, 'disk.raw'), content);
    await fetch('disk', new CutRun(first.saved.at(-1), 0));
    expectImage();
    expect(images.from).toEqual([0, 0]);
  });

  it('that comes damaged is not gone on with', async () => {
    writeFileSync(join(bench.images, 'hashed.json'), JSON.stringify({ checksum: '0'.repeat(32) }));
    const run = new CutRun(undefined, 0);
    await expect(fetch('hashed', run)).rejects.toMatchObject({ kind: 'badGateway' });
    expect(run.saved.at(-1)).toEqual({});
  });

  it('keeps its file only for a run that goes on with it', async () => {
    const first = new CutRun(undefined, 1);
    await expect(fetch('packed', first)).rejects.toThrow();
    expect(readdirSync(bench.work)).toEqual([first.saved[0]!['file']]);
    await fetch('packed', new CutRun(undefined, 0));
    expectImage();
  });

  it('takes no name from a checkpoint for a path', async () => {
    const run = new CutRun(undefined, 1);
    await expect(fetch('packed', run)).rejects.toThrow();
    const victim = join(bench.work, '..', 'image-operation.0123456789ab.part');
    writeFileSync(victim, 'untouched');
    await fetch('packed', new CutRun({ ...run.saved[0], file: '../image-operation.0123456789ab.part' }, 0));
    expectImage();
    expect(readFileSync(victim, 'utf8')).toBe('untouched');
  });
});
