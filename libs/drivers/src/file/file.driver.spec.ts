import { randomUUID } from 'node:crypto';
import {
  mkdir,
  mkdtemp,
  open,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandRunner, type CommandOptions, type CommandResult } from '@scoria/commands';
import { ConfigError } from '@scoria/config';
import { snapshotName, volumeName } from '@scoria/domain';
import { checkStamp, stamp } from '../conformance/device-data.js';
import { waitUntil } from '../conformance/wait-until.js';
import type { DriverSnapshot, DriverVolume } from '../driver-objects.js';
import { GIB } from '../gib.js';
import { driverContext, type TestContext } from '../test-support/driver-context.js';
import { mountFileSystem, type TestFileSystem, whyNoFileSystem } from '../test-support/file-system.js';
import { FileDriver } from './file.driver.js';

const noMounts = await whyNoFileSystem('ext4');
if (noMounts !== undefined) console.warn(`SKIPPED: full and separate file systems: ${noMounts}`);
const itWithMounts = noMounts === undefined ? it : it.skip;

const options = { signal: new AbortController().signal };
let root: string;
let directory: string;
const cleanUp: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'scoria-file-driver-'));
  directory = join(root, 'served');
  cleanUp.push(() => rm(root, { recursive: true }));
});
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

const contextFor = (more: Record<string, unknown> = {}): TestContext =>
  driverContext(join(root, 'state'), { directory, ...more });

async function serve(more: Record<string, unknown> = {}): Promise<FileDriver> {
  const driver = new FileDriver(contextFor(more));
  await driver.setup();
  cleanUp.push(() => driver.close());
  return driver;
}

async function mount(megabytes: number): Promise<TestFileSystem> {
  const fileSystem = await mountFileSystem('ext4', megabytes * 2 ** 20);
  cleanUp.push(() => fileSystem.remove());
  return fileSystem;
}

function newVolume(sizeGib = 1, pool = 'test'): DriverVolume {
  const id = randomUUID();
  return { id, name: volumeName(id), sizeGib, pool };
}

function newSnapshot(volume: DriverVolume): DriverSnapshot {
  const id = randomUUID();
  const { id: volumeId, name, sizeGib, pool } = volume;
  return { id, name: snapshotName(id), volumeId, volumeName: name, sizeGib, pool };
}

describe('a configuration that cannot work is refused', () => {
  it.each([
    [{ directory: 'relative' }, 'backends[test].options.directory: directory must be an absolute path'],
    [{ directory: undefined }, 'backends[test].options.directory: is required'],
    [{ pools: ['../up'] }, 'pools must be names'],
    [{ pools: ['a', 'a'] }, 'unique'],
    [{ preallocate: 'yes' }, 'preallocate must be a boolean'],
    [{ dir: '/x' }, 'backends[test].options.dir: is not an option of this driver'],
  ])('%j', (wrong, message) => {
    expect(() => new FileDriver(contextFor(wrong))).toThrow(message);
  });

  it('a directory that is a file', async () => {
    await writeFile(directory, '');
    await expect(serve()).rejects.toThrow(/options\.directory: .* cannot be made or is no directory/);
  });

  it('two pools on one file system, whose space would count twice', async () => {
    await expect(serve({ pools: ['a', 'b'] })).rejects.toThrow('a and b are on one file system');
  });

  it('two backends of one process in one directory', async () => {
    await serve();
    await expect(serve()).rejects.toThrow('two backends of this process name it');
  });
});

describe('a broken disk', () => {
  itWithMounts(
    'is no mistake in the configuration: other backends of the host need not end for it',
    async () => {
      const fileSystem = await mountFileSystem('xfs', 512 * 2 ** 20);
      cleanUp.push(() => fileSystem.remove());
      directory = join(fileSystem.directory, 'served');
      await new CommandRunner({ owner: 'break' }).run(
        'xfs_io',
        ['-x', '-c', 'shutdown', fileSystem.directory],
        { timeoutMs: 10_000 },
      );
      const error: unknown = await serve().catch((failure: unknown) => failure);
      expect(error).toMatchObject({ code: 'EIO' });
      expect(error).not.toBeInstanceOf(ConfigError);
    },
  );
});

describe('a pool whose file system is not mounted', () => {
  it('is refused instead of served empty, until the operator accepts it', async () => {
    await (await serve()).close();
    await rename(directory, `${directory}-unmounted`);
    const error: unknown = await serve().catch((failure: unknown) => failure);
    expect(String(error)).toContain('is its file system mounted?');
    await rm(join(root, 'state'), { recursive: true });
    await serve();
  });

  it('is no mistake in the configuration, makes nothing below the mount point, and is served once mounted', async () => {
    await (await serve()).close();
    await rename(directory, `${directory}-unmounted`);
    const driver = new FileDriver(contextFor());
    cleanUp.push(() => driver.close());
    await expect(driver.setup()).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await readdir(root)).not.toContain('served');
    await rename(`${directory}-unmounted`, directory);
    await driver.setup();
  });
});

describe('setup', () => {
  it('whose first try was cut short while it marked the pool goes on', async () => {
    const mark = join(directory, 'test', '.scoria-pool');
    await mkdir(join(directory, 'test'), { recursive: true });
    await writeFile(mark, '');
    await (await serve()).close();
    expect(await readFile(mark, 'utf8')).not.toBe('');
    await serve();
  });

  it('whose disk is full while it marks the pool goes on once there is room', async () => {
    const pool = join(directory, 'test');
    await mkdir(pool, { recursive: true });
    // To a writer the same as a full disk, whoever runs the test.
    await symlink('/dev/full', join(pool, '.partial-.scoria-pool'));
    const driver = new FileDriver(contextFor());
    cleanUp.push(() => driver.close());
    await expect(driver.setup()).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(await readdir(pool)).not.toContain('.scoria-pool');
    await rm(join(pool, '.partial-.scoria-pool'));
    await driver.setup();
  });

  it('removes what was never finished and nothing else', async () => {
    await (await serve()).close();
    const pool = join(directory, 'test');
    const kept = [volumeName(randomUUID()), snapshotName(randomUUID()), 'volume-notes.txt', '.hidden'];
    const leftovers = [`.partial-${volumeName(randomUUID())}-00ff`, `.trash-${volumeName(randomUUID())}`];
    for (const name of [...kept, ...leftovers]) await writeFile(join(pool, name), '');
    await serve();
    expect((await readdir(pool)).sort()).toEqual([...kept, '.scoria-pool'].sort());
  });

  it("that is given up touches nothing any more: the files are a successor's", async () => {
    await (await serve()).close();
    const leftover = `.partial-${volumeName(randomUUID())}-00ff`;
    await writeFile(join(directory, 'test', leftover), '');
    const context = contextFor();
    const driver = new FileDriver(context);
    let closed: Promise<void> | undefined;
    // It holds the storage at that point.
    context.commands.killSurvivors = async () => {
      closed = driver.close();
      return 0;
    };
    await expect(driver.setup()).rejects.toThrow('the driver was closed');
    await closed;
    expect(await readdir(join(directory, 'test'))).toContain(leftover);
  });

  it('that failed can be tried again', async () => {
    await writeFile(directory, '');
    const driver = new FileDriver(contextFor());
    await expect(driver.setup()).rejects.toThrow();
    await rm(directory);
    await driver.setup();
    await driver.close();
  });
});

describe('a directory named like a volume', () => {
  it('is unknown, and not deleted with what is in it', async () => {
    const driver = await serve();
    const volume = newVolume();
    await mkdir(join(directory, 'test', volume.name, 'precious'), { recursive: true });
    expect(await driver.inventory()).toMatchObject([{ kind: 'unknown', name: volume.name, sizeGib: 0 }]);
    await expect(driver.createVolume(volume, options)).rejects.toMatchObject({ kind: 'conflict' });
    await driver.deleteVolume(volume);
    expect(await readdir(join(directory, 'test', volume.name))).toEqual(['precious']);
  });
});

describe('a pool that is not served', () => {
  it('is not written to', async () => {
    const driver = await serve();
    await expect(driver.createVolume(newVolume(1, 'other'), options)).rejects.toMatchObject({
      kind: 'unavailable',
    });
  });
});

describe('files', () => {
  it('are sparse, and readable by nobody else', async () => {
    const driver = await serve();
    const volume = newVolume(5);
    await driver.createVolume(volume, options);
    const { size, blocks, mode } = await stat(join(directory, 'test', volume.name));
    expect([size, blocks < 100, mode & 0o777]).toEqual([5 * GIB, true, 0o600]);
  });
});

/** Begins its copies, and never comes to their end. */
class EndlessCopies extends CommandRunner {
  override run(program: string, args: string[], options: CommandOptions): Promise<CommandResult> {
    if (program !== 'cp') return super.run(program, args, options);
    return super.run('sh', ['-c', 'echo begun > "$1"; exec sleep 1000', 'sh', args.at(-1)!], options);
  }
}

describe('a copy without reflinks', () => {
  it('is stopped when it is aborted, and leaves nothing', async () => {
    const driver = new FileDriver({
      ...contextFor(),
      commands: new EndlessCopies({ owner: `test@${root}` }),
    });
    await driver.setup();
    cleanUp.push(() => driver.close());
    if ((await driver.pools())[0]!.extra['reflink']) return console.warn('SKIPPED: copies take no time here');
    const source = newVolume();
    await driver.createVolume(source, options);
    const abort = new AbortController();
    const clone = driver.cloneVolume(newVolume(), source, { signal: abort.signal });
    const pool = join(directory, 'test');
    await waitUntil('the copy has begun', async () =>
      (await readdir(pool)).some((name) => name.startsWith('.partial-')),
    );
    abort.abort(new Error('cancelled'));
    await expect(clone).rejects.toMatchObject({ aborted: true });
    expect((await readdir(pool)).sort()).toEqual(['.scoria-pool', source.name].sort());
  });

  itWithMounts('to a full file system says so, and leaves nothing', async () => {
    await mkdir(directory);
    await symlink((await mount(300)).directory, join(directory, 'test'));
    const driver = await serve();
    const source = newVolume();
    await driver.createVolume(source, options);
    await fillVolume(source, 180);
    const full = { kind: 'unavailable', message: 'The storage is full.' };
    await expect(driver.createSnapshot(newSnapshot(source), options)).rejects.toMatchObject(full);
    expect((await driver.inventory()).map(({ name }) => name)).toEqual([source.name]);
    expect((await readdir(join(directory, 'test'))).filter((name) => name.startsWith('.partial'))).toEqual(
      [],
    );
  });

  itWithMounts('works from one pool to another', async () => {
    await mkdir(directory);
    await symlink((await mount(300)).directory, join(directory, 'far'));
    const driver = await serve({ pools: ['near', 'far'] });
    const source = newVolume(1, 'near');
    const clone = newVolume(2, 'far');
    await driver.createVolume(source, options);
    await stamp((await driver.device(source)).path, 'seed', GIB);
    await driver.cloneVolume(clone, source, options);
    await checkStamp((await driver.device(clone)).path, 'seed', GIB);
    expect((await driver.pools()).map(({ provisionedCapacityGib }) => provisionedCapacityGib)).toEqual([
      1, 2,
    ]);
  });
});

describe('preallocated volumes', () => {
  it('give nothing back: neither an image nor a client may punch holes into them', async () => {
    const volume = newVolume();
    for (const preallocate of [false, true]) {
      const driver = new FileDriver(contextFor({ preallocate }));
      await driver.setup();
      if (!preallocate) await driver.createVolume(volume, options);
      expect(await driver.device(volume)).toMatchObject({ discard: !preallocate });
      await driver.close();
    }
  });

  itWithMounts(
    'own their space from the start, in copies too, and say so when there is not enough',
    async () => {
      await mkdir(directory);
      await symlink((await mount(3500)).directory, join(directory, 'test'));
      const driver = await serve({ preallocate: true });
      const [volume, clone, third] = [newVolume(), newVolume(), newVolume()];
      await driver.createVolume(volume, options);
      await driver.cloneVolume(clone, volume, options);
      await driver.extendVolume(clone, 2, options);
      for (const { name, sizeGib } of [volume, { ...clone, sizeGib: 2 }]) {
        const { size, blocks } = await stat(join(directory, 'test', name));
        expect([size, blocks * 512 >= size]).toEqual([sizeGib * GIB, true]);
      }
      expect(await driver.pools()).toMatchObject([
        { thinProvisioningSupport: false, thickProvisioningSupport: true, snapshotsClaimCapacity: true },
      ]);

      const [before] = await driver.pools();
      const full = { kind: 'unavailable', message: 'The storage is full.' };
      await expect(driver.createVolume(third, options)).rejects.toMatchObject(full);
      await expect(driver.extendVolume(volume, 3, options)).rejects.toMatchObject(full);
      expect((await stat(join(directory, 'test', volume.name))).size).toBe(GIB);
      await waitUntil('what was taken is free again', async () => {
        const [after] = await driver.pools();
        return (after!.freeCapacityGib as number) >= (before!.freeCapacityGib as number) - 0.01;
      });
    },
  );
});

/** Writes so many megabytes of data. */
async function fillVolume(volume: DriverVolume, megabytes: number): Promise<void> {
  const path = join(directory, volume.pool, volume.name);
  const file = await open(path, 'r+');
  try {
    for (let at = 0; at < megabytes; at += 10) {
      await file.write(Buffer.alloc(10 * 2 ** 20, 0x5a), 0, 10 * 2 ** 20, at * 2 ** 20);
    }
  } finally {
    await file.close();
  }
  await truncate(path, volume.sizeGib * GIB);
}
