import { randomBytes } from 'node:crypto';
import {
  closeSync,
  openSync,
  readFileSync,
  readdirSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { jest } from '@jest/globals';
import { removeTempDirs } from '@scoria/testing';
import { DirectoryImageService } from '../directory/directory-image-service.js';
import type { ImageInfo } from '../image-info.js';
import { ConversionBench } from './conversion-bench.spec-helper.js';
import { CutRun, WatchedCommands, cutAgainAndAgain } from './interruptions.spec-helper.js';
import { uploadDeviceToImage } from './upload-device-to-image.js';

/** Much is written and read, each time to the disk. */
jest.setTimeout(180_000);

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const ID = '5a0a5a56-8f58-4a4c-9e0e-3b6d5f3f6a11';

describe('a device whose way to an image is cut short', () => {
  let bench: ConversionBench;
  let commands: WatchedCommands;
  let image: ImageInfo;

  beforeEach(async () => {
    bench = new ConversionBench(8);
    commands = new WatchedCommands({ owner: 'images-test' });
    writeToDevice(700);
    image = await bench.service.create(
      { id: ID, name: 'made', diskFormat: 'qcow2', containerFormat: 'bare' },
      bench.caller,
    );
  });

  afterAll(removeTempDirs);

  const writeToDevice = (atMib: number): void => {
    const device = openSync(bench.device, 'r+');
    writeSync(device, randomBytes(MIB), 0, MIB, atMib * MIB);
    closeSync(device);
  };

  const upload = (
    run: CutRun,
    service: DirectoryImageService = bench.service,
    as: ImageInfo = image,
  ): Promise<void> =>
    uploadDeviceToImage({
      service,
      image: as,
      caller: bench.caller,
      devicePath: bench.device,
      sizeGib: 1,
      workDir: bench.work,
      operationId: 'operation',
      commands,
      checkpoints: run,
      signal: run.signal,
      timeoutMs: 120_000,
      firstWindowBytes: 128 * MIB,
    });

  const expectSameBytes = async (): Promise<void> => {
    const copy = bench.makeDevice(dirname(bench.device), 'copy');
    await bench.fetch(ID, { devicePath: copy });
    expect(bench.deviceDigest(1024, copy)).toBe(bench.deviceDigest(1024));
    expect(readdirSync(bench.work)).toEqual([]);
  };

  it('goes on with the conversion at each checkpoint', async () => {
    const cuts = await cutAgainAndAgain(1, upload);
    expect(commands.copied).toBe(GIB);
    expect(cuts).toBe(8);
    await expectSameBytes();
  });

  it('does not convert again when only the sending was cut short', async () => {
    class Broken extends DirectoryImageService {
      override async upload(_: string, data: Readable): Promise<void> {
        data.destroy();
        throw new Error('the image service is away');
      }
    }
    const first = new CutRun(undefined, 0);
    await expect(upload(first, new Broken(bench.images))).rejects.toThrow('is away');
    await upload(new CutRun(first.saved.at(-1), 0));
    expect(commands.copied).toBe(GIB);
    await expectSameBytes();
  });

  it('leaves the image as it is, and converts nothing, when only the last answer was lost', async () => {
    class Forgetful extends DirectoryImageService {
      override async upload(...upload: Parameters<DirectoryImageService['upload']>): Promise<void> {
        await super.upload(...upload);
        throw new Error('the answer was lost');
      }
    }
    const first = new CutRun(undefined, 0);
    await expect(upload(first, new Forgetful(bench.images))).rejects.toThrow('was lost');
    const filled = await bench.service.show(ID, bench.caller);
    commands.windows = [];
    // A volume in use goes on to be written to.
    writeToDevice(800);
    await upload(new CutRun(first.saved.at(-1), 0), bench.service, filled);
    expect(commands.copied).toBe(0);
    expect(readdirSync(bench.work)).toEqual([]);
    expect(await bench.service.show(ID, bench.caller)).toEqual(filled);
  });

  it('leaves an image as it is that its predecessor filled in the meantime, with other bytes', async () => {
    await upload(new CutRun(undefined, 0));
    const filled = await bench.service.show(ID, bench.caller);
    writeToDevice(800);
    // As it was shown before that.
    await upload(new CutRun(undefined, 0));
    expect(await bench.service.show(ID, bench.caller)).toEqual(filled);
  });

  it.each([
    ['lost its maps', (path: string) => writeFileSync(path, readFileSync(path).fill(0xff, 65_536, 262_144))],
    ['lost its end', (path: string) => truncateSync(path, 300_000)],
    ['lost everything', (path: string) => truncateSync(path, 0)],
  ])('converts anew when a power cut has made a file that %s', async (_, damage) => {
    const first = new CutRun(undefined, 2);
    await expect(upload(first)).rejects.toThrow();
    damage(join(bench.work, readdirSync(bench.work)[0]!));
    await upload(new CutRun(first.saved.at(-1), 0));
    await expectSameBytes();
  });
});
