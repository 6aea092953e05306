import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '@scoria/testing';
import { HostDisk } from './host-disk.js';

const MIB = 2 ** 20;

/** MiB that may be written. */
async function free({ directory }: HostDisk): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return Math.round((bavail * bsize) / MIB);
}

test('room that was made on a full disk is there when the disk breaks down right after', async () => {
  const root = await mkdtemp(join(tmpdir(), 'scoria-host-disk-'));
  let disk: HostDisk | undefined;
  try {
    disk = await HostDisk.make(join(root, 'image'), join(root, 'volumes'), true).catch((error: Error) => {
      console.warn(`SKIPPED: no file system can be mounted here: ${error.message}`);
      return undefined;
    });
    if (!disk) return;
    const empty = await free(disk);
    await disk.fill();
    expect(await free(disk)).toBeLessThan(2);
    await disk.makeRoom();
    await disk.breakDown();
    await disk.unmount();
    await disk.mount();
    await waitFor(() => free(disk!), { until: (left) => left > empty - 100 });
  } finally {
    await disk?.discard();
    await rm(root, { recursive: true });
  }
});
