import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDisks } from './host-disks.js';

const { PATH } = process.env;
let root: string;

beforeEach(async () => void (root = await mkdtemp(join(tmpdir(), 'scoria-host-disks-'))));
afterEach(async () => {
  process.env['PATH'] = PATH;
  await rm(root, { recursive: true });
});

test('where nothing can be mounted, as in a container, no host has a disk, and the reason is told', async () => {
  await writeFile(join(root, 'mount'), '#!/bin/sh\necho "mount: permission denied" >&2; exit 32\n');
  await chmod(join(root, 'mount'), 0o755);
  process.env['PATH'] = `${root}:${PATH}`;
  const plan = { host: 'host1', image: join(root, 'image'), directory: join(root, 'volumes'), reflink: true };
  const { disks, refused } = await makeDisks([plan, { ...plan, host: 'host2' }]);
  expect([...disks]).toEqual([]);
  expect(refused).toMatch(/mount|mkfs/);
  expect(await readdir(plan.directory)).toEqual([]);
});
