import { execFileSync } from 'node:child_process';
import { truncate } from 'node:fs/promises';
import { describeUnless } from '../conformance/describe-unless.js';
import { Devices, GIB } from '../conformance/fixture.js';
import { inspectDevice } from './backing-device.js';

describe('inspectDevice', () => {
  let devices: Devices;
  beforeEach(async () => void (devices = await Devices.create()));
  afterEach(() => devices.destroy());

  it('takes managed storage whose size was rounded up to the next GiB', async () => {
    const path = await devices.add();
    await truncate(path, 1.5 * GIB);
    expect(await inspectDevice(path, 2)).toEqual({ path, sizeBytes: 1.5 * GIB, discard: true });
    await expect(inspectDevice(path, 3)).rejects.toMatchObject({ kind: 'internal' });
  });

  it('a path that tgtadm would take apart is refused', async () => {
    for (const path of ['/dev/a,readonly=0', '/dev/a\nb', 'relative', '', `/${'a'.repeat(1000)}`]) {
      await expect(inspectDevice(path, 1)).rejects.toMatchObject({ kind: 'internal' });
    }
  });

  it('a directory and a character device are not served', async () => {
    for (const path of [devices.directory, '/dev/null']) {
      await expect(inspectDevice(path, 1)).rejects.toMatchObject({ kind: 'internal' });
    }
  });

  describeUnless(noLoopDevices(), 'block devices', () => {
    it('a block device has the size that the kernel says, and no discard', async () => {
      const file = await devices.add(0, 3);
      const path = execFileSync('losetup', ['--find', '--show', file], { encoding: 'utf8' }).trim();
      try {
        expect(await inspectDevice(path, 3)).toEqual({ path, sizeBytes: 3 * GIB, discard: false });
      } finally {
        execFileSync('losetup', ['--detach', path]);
      }
    });
  });
});

function noLoopDevices(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root sets up loop devices';
  try {
    execFileSync('losetup', ['--find'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'losetup finds no free loop device';
  }
}
