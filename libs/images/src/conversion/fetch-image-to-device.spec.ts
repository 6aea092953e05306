import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { removeTempDirs } from '@scoria/testing';
import { ConversionBench } from './conversion-bench.spec-helper.js';

/** Much is written and read, each time to the disk. */
jest.setTimeout(180_000);

const MIB = 1024 ** 2;
const IMAGE_MIB = 96;

/** An ext4 filesystem of 96 MiB with a few files, mostly holes; and the same as qcow2. */
function makeFilesystem({ images }: ConversionBench): { raw: string; md5: string } {
  const content = join(images, '..', 'content');
  mkdirSync(content);
  for (const name of ['a', 'b']) writeFileSync(join(content, name), Buffer.alloc(3 * MIB, name));
  const raw = join(images, 'disk.raw');
  writeFileSync(raw, '');
  truncateSync(raw, IMAGE_MIB * MIB);
  execFileSync('mkfs.ext4', ['-q', '-F', '-d', content, raw]);
  execFileSync('qemu-img', ['convert', '-c', '-f', 'raw', '-O', 'qcow2', raw, join(images, 'packed.qcow2')]);
  return { raw, md5: createHash('md5').update(readFileSync(raw)).digest('hex') };
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('an image on its way to a device', () => {
  let bench: ConversionBench;
  let raw: string;
  let md5: string;

  beforeEach(() => {
    bench = new ConversionBench(48);
    ({ raw, md5 } = makeFilesystem(bench));
  });

  afterAll(removeTempDirs);

  const expectFilesystem = (): void => {
    expect(bench.deviceDigest(IMAGE_MIB)).toBe(sha256(readFileSync(raw)));
    execFileSync('e2fsck', ['-fn', bench.device], { stdio: 'pipe' });
    expect(readdirSync(bench.work)).toEqual([]);
  };

  it.each(['disk', 'packed'])('arrives byte for byte, over old data, from %s', async (name) => {
    await bench.fetch(name);
    expectFilesystem();
  });

  it.each(['disk', 'packed'])('leaves a thin device thin, from %s', async (name) => {
    const thin = new ConversionBench(0);
    await thin.fetch(name, {
      service: bench.service,
      image: await bench.service.show(name, bench.caller),
    });
    expect(thin.deviceDigest(IMAGE_MIB)).toBe(sha256(readFileSync(raw)));
    expect(statSync(thin.device).blocks * 512).toBeLessThan(2 * statSync(raw).blocks * 512 + MIB);
  });

  it.each(['disk', 'packed'])('takes nothing from a device that owns its space, from %s', async (name) => {
    execFileSync('fallocate', ['--length', `${2 * IMAGE_MIB}MiB`, '--keep-size', bench.device]);
    const owned = statSync(bench.device).blocks;
    expect(owned * 512).toBeGreaterThanOrEqual(2 * IMAGE_MIB * MIB);
    await bench.fetch(name, { discard: false });
    expect(statSync(bench.device).blocks).toBeGreaterThanOrEqual(owned);
    expectFilesystem();
  });

  it.each(['disk', 'packed'])('tells its progress once each percent, from %s', async (name) => {
    const seen: number[] = [];
    await bench.fetch(name, { onProgress: (percent) => seen.push(percent) });
    expect(seen.at(-1)).toBe(100);
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
    expect(seen.length).toBeGreaterThan(2);
  });

  it('is taken when its checksum is right', async () => {
    writeFileSync(join(bench.images, 'disk.json'), JSON.stringify({ checksum: md5 }));
    await bench.fetch('disk');
    expectFilesystem();
  });

  it.each([
    ['disk', { checksum: '0'.repeat(32) }],
    ['packed', { checksum: '0'.repeat(32) }],
    ['disk', { os_hash_algo: 'sha512', os_hash_value: '0'.repeat(128) }],
  ])(
    'is refused when %s does not have the hash %j, as an error that another try may mend',
    async (name, hash) => {
      writeFileSync(join(bench.images, `${name}.json`), JSON.stringify(hash));
      await expect(bench.fetch(name)).rejects.toMatchObject({ kind: 'badGateway' });
      expect(readdirSync(bench.work)).toEqual([]);
    },
  );

  it('does not reach the device as qcow2 before it is verified', async () => {
    const before = bench.deviceDigest();
    writeFileSync(join(bench.images, 'packed.json'), JSON.stringify({ checksum: '0'.repeat(32) }));
    await expect(bench.fetch('packed')).rejects.toMatchObject({ kind: 'badGateway' });
    expect(bench.deviceDigest()).toBe(before);
  });

  it('is refused when less of it came than there is', async () => {
    const image = await bench.service.show('disk', bench.caller);
    truncateSync(raw, (IMAGE_MIB - 1) * MIB);
    await expect(bench.fetch('disk', { image })).rejects.toMatchObject({ kind: 'badGateway' });
  });

  it.each(['disk', 'packed'])('arrives whole after an attempt that was cut short, from %s', async (name) => {
    const stop = new AbortController();
    const cut = bench.fetch(name, {
      signal: stop.signal,
      onProgress: (percent) => percent >= 10 && stop.abort(new Error('the lease is lost')),
    });
    await expect(cut).rejects.toThrow();
    expect(readdirSync(bench.work)).toEqual([]);
    await bench.fetch(name);
    expectFilesystem();
  });

  it('clears away what a killed predecessor of the same operation left, and nothing of others', async () => {
    writeFileSync(join(bench.work, 'image-operation.0123456789ab.part'), 'half an image');
    writeFileSync(join(bench.work, 'image-other.0123456789ab.part'), "another's");
    await bench.fetch('packed');
    expect(bench.deviceDigest(IMAGE_MIB)).toBe(sha256(readFileSync(raw)));
    expect(readdirSync(bench.work)).toEqual(['image-other.0123456789ab.part']);
  });

  it('ends when its time is over', async () => {
    await expect(bench.fetch('packed', { timeoutMs: 1 })).rejects.toMatchObject({ kind: 'unavailable' });
    expect(readdirSync(bench.work)).toEqual([]);
  });

  it('takes the same memory however large it is', async () => {
    const huge = join(bench.images, 'huge.raw');
    writeFileSync(huge, 'beginning');
    truncateSync(huge, 1024 * MIB);
    writeFileSync(join(bench.images, 'huge.json'), '{}');
    await bench.fetch('disk');
    const before = process.memoryUsage().rss;
    let peak = before;
    await bench.fetch('huge', { onProgress: () => (peak = Math.max(peak, process.memoryUsage().rss)) });
    // Buffers that nobody holds any more count until they are collected.
    expect(peak - before).toBeLessThan(512 * MIB);
    expect(bench.deviceDigest(1024)).toBe(bench.deviceDigest(1024, huge));
  });

  it.each([
    ['is not active', { status: 'queued' }, /is not active/],
    ['wants a larger disk', { minDiskGib: 2 }, /smaller than the image minDisk size 2GB/],
    ['is larger than the volume', { sizeBytes: 1025 * MIB }, /larger than volume size 1GB/],
  ])('is refused at once when it %s', async (_, change, message) => {
    const image = { ...(await bench.service.show('disk', bench.caller)), ...change };
    await expect(bench.fetch('disk', { image })).rejects.toMatchObject({
      kind: 'badRequest',
      message: expect.stringMatching(message),
    });
  });
});
