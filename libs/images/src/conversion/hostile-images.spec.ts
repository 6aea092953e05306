import { execFileSync } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { copyDisk } from '@scoria/commands';
import { removeTempDirs } from '@scoria/testing';
import { inspectQcow2 } from './qemu-img.js';
import { ConversionBench } from './conversion-bench.spec-helper.js';

/** Much is written and read, each time to the disk. */
jest.setTimeout(180_000);

const MIB = 1024 ** 2;
const qemuImg = (...args: string[]): void => void execFileSync('qemu-img', args);

describe('hostile images', () => {
  let bench: ConversionBench;

  beforeEach(() => {
    bench = new ConversionBench(64);
  });

  afterAll(removeTempDirs);

  interface Hostile {
    what: string;
    make: (bench: ConversionBench) => void;
    says: RegExp;
  }

  const hostile: Hostile[] = [
    {
      what: 'a backing file on the host',
      make: ({ images }) =>
        qemuImg(
          'create',
          '-q',
          '-f',
          'qcow2',
          '-b',
          '/etc/hostname',
          '-F',
          'raw',
          join(images, 'evil.qcow2'),
          '1M',
        ),
      says: /backing file/,
    },
    {
      what: 'an external data file on the host',
      make: ({ images, work }) =>
        qemuImg(
          ...['create', '-q', '-f', 'qcow2', '-o', `data_file=${join(work, 'secret')},data_file_raw=on`],
          ...[join(images, 'evil.qcow2'), '1M'],
        ),
      says: /external data file/,
    },
    {
      what: 'a disk of petabytes in a few kilobytes',
      make: ({ images }) =>
        qemuImg('create', '-q', '-f', 'qcow2', '-o', 'cluster_size=2M', join(images, 'evil.qcow2'), '1P'),
      says: /larger than volume size 1GB/,
    },
    {
      what: 'a disk just larger than the volume',
      make: ({ images }) => qemuImg('create', '-q', '-f', 'qcow2', join(images, 'evil.qcow2'), '1025M'),
      says: /2GB is larger than volume size 1GB/,
    },
    {
      what: 'a qcow2 image that says raw',
      make: ({ images }) => {
        qemuImg(
          'create',
          '-q',
          '-f',
          'qcow2',
          '-b',
          '/etc/hostname',
          '-F',
          'raw',
          join(images, 'evil.raw'),
          '1M',
        );
        writeFileSync(join(images, 'evil.json'), JSON.stringify({ disk_format: 'raw' }));
      },
      says: /is qcow2 and says raw/,
    },
    {
      what: 'a VMDK image that says raw',
      make: ({ images }) => {
        qemuImg('create', '-q', '-f', 'vmdk', join(images, 'evil.raw'), '1M');
        writeFileSync(join(images, 'evil.json'), JSON.stringify({ disk_format: 'raw' }));
      },
      says: /is vmdk and says raw/,
    },
    {
      what: 'a VMDK descriptor that names a file of the host',
      make: ({ images }) => {
        writeFileSync(
          join(images, 'evil.raw'),
          '# Disk DescriptorFile\nversion=1\nRW 1 FLAT "/etc/shadow" 0\n',
        );
        writeFileSync(join(images, 'evil.json'), JSON.stringify({ disk_format: 'raw' }));
      },
      says: /is vmdk and says raw/,
    },
    {
      what: 'a VMDK image that says so',
      make: ({ images }) => qemuImg('create', '-q', '-f', 'vmdk', join(images, 'evil.img'), '1M'),
      says: /vmdk in bare is not supported/,
    },
    {
      what: 'a VDI image that says raw',
      make: ({ images }) => {
        qemuImg('create', '-q', '-f', 'vdi', join(images, 'evil.raw'), '1M');
        writeFileSync(join(images, 'evil.json'), JSON.stringify({ disk_format: 'raw' }));
      },
      says: /is vdi and says raw/,
    },
    {
      what: 'a raw image that says qcow2',
      make: ({ images }) => {
        writeFileSync(join(images, 'evil.qcow2'), Buffer.alloc(MIB, 7));
        writeFileSync(join(images, 'evil.json'), JSON.stringify({ disk_format: 'qcow2' }));
      },
      says: /is raw and says qcow2/,
    },
    {
      what: 'a qcow2 image whose tables are nonsense',
      make: ({ images }) => {
        const path = join(images, 'evil.qcow2');
        qemuImg('create', '-q', '-f', 'qcow2', path, '8M');
        const bytes = readFileSync(path);
        bytes.fill(0xff, 36, 72);
        writeFileSync(path, bytes);
      },
      says: /damaged/,
    },
    {
      what: 'a qcow2 image that ends within its header',
      make: ({ images }) => {
        const path = join(images, 'evil.qcow2');
        qemuImg('create', '-q', '-f', 'qcow2', path, '8M');
        truncateSync(path, 80);
      },
      says: /header is not readable/,
    },
    {
      what: 'an encrypted qcow2 image',
      make: ({ images }) => {
        const path = join(images, 'evil.qcow2');
        qemuImg('create', '-q', '-f', 'qcow2', path, '8M');
        const bytes = readFileSync(path);
        bytes.writeUInt32BE(1, 32);
        writeFileSync(path, bytes);
      },
      says: /encrypted/,
    },
    {
      what: 'an archive in place of a disk',
      make: ({ images }) => {
        writeFileSync(join(images, 'evil.raw'), Buffer.alloc(MIB, 7));
        writeFileSync(join(images, 'evil.json'), JSON.stringify({ container_format: 'ova' }));
      },
      says: /raw in ova is not supported/,
    },
  ];

  it.each(hostile)('refuses $what, and leaves the device untouched', async ({ make, says }) => {
    const before = bench.deviceDigest();
    make(bench);
    const failure = await bench.fetch('evil').catch((error) => error);
    expect(failure).toMatchObject({
      name: 'Fault',
      kind: 'badRequest',
      message: expect.stringMatching(says),
    });
    expect(bench.deviceDigest()).toBe(before);
    expect(readdirSync(bench.work).filter((name) => name !== 'secret')).toEqual([]);
  });

  it('are called damaged too when only the conversion meets a wrong table', async () => {
    const path = join(bench.images, 'evil.qcow2');
    qemuImg('create', '-q', '-f', 'qcow2', path, '1G');
    breakLastL1Entry(path);
    await expect(bench.fetch('evil')).rejects.toMatchObject({
      kind: 'badRequest',
      message: 'The image is damaged.',
      detail: 'imageFormatUnacceptable',
    });
    expect(readdirSync(bench.work)).toEqual([]);
  });

  it('would see a backing file even where our own look at the header did not', async () => {
    const path = join(bench.images, 'evil.qcow2');
    qemuImg('create', '-q', '-f', 'qcow2', '-b', '/etc/hostname', '-F', 'raw', path, '1M');
    const info = await inspectQcow2(bench.commands, path, new AbortController().signal);
    expect(info).toMatchObject({ format: 'qcow2', backingFile: '/etc/hostname' });
  });

  it('takes no part of a file name for an option', async () => {
    const path = join(bench.images, 'a,file.filename=b.qcow2');
    qemuImg('create', '-q', '-f', 'qcow2', join(bench.images, 'c.qcow2'), '3M');
    copyFileSync(join(bench.images, 'c.qcow2'), path);
    const { signal } = new AbortController();
    expect((await inspectQcow2(bench.commands, path, signal)).virtualSizeBytes).toBe(3 * MIB);
    const target = { format: 'raw' as const, path: join(bench.work, 'target,file.driver=null-co') };
    writeFileSync(target.path, Buffer.alloc(3 * MIB, 7));
    const source = { format: 'qcow2' as const, path };
    await copyDisk(bench.commands, { source, target, bytes: 3 * MIB, from: 0, timeoutMs: 60_000, signal });
    expect(readFileSync(target.path)).toEqual(Buffer.alloc(3 * MIB));
  });
});

/** Makes that entry of a qcow2 file point to what is no beginning of a cluster. */
function breakLastL1Entry(path: string): void {
  const file = openSync(path, 'r+');
  const header = Buffer.alloc(72);
  readSync(file, header, 0, header.length, 0);
  const [entries, table] = [header.readUInt32BE(36), Number(header.readBigUInt64BE(40))];
  const entry = Buffer.alloc(8);
  entry.writeBigUInt64BE(0x8000_0000_0000_1200n);
  writeSync(file, entry, 0, entry.length, table + entry.length * (entries - 1));
  closeSync(file);
}
