import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandRunner, type CommandOptions, type CommandResult } from '@scoria/commands';
import type { Checkpoint } from '@scoria/domain';
import { volumeName } from '@scoria/domain';
import { checkStamp, stamp } from '../conformance/device-data.js';
import { Notebook } from '../conformance/notebook.js';
import type { DriverVolume } from '../driver-objects.js';
import { GIB } from '../gib.js';
import { driverContext } from '../test-support/driver-context.js';
import { FileDriver } from './file.driver.js';
import { canReflink } from './reflink.js';

const { signal } = new AbortController();

/** Runs commands for real, remembers the windows of copies, and fails where a test wants it. */
class WatchedCommands extends CommandRunner {
  windows: [offset: number, size: number][] = [];
  /** Number of the window, from 1, that dies halfway. */
  dies = 0;
  installed = true;

  override run(program: string, args: string[], options: CommandOptions): Promise<CommandResult> {
    if (program !== 'qemu-img') return super.run(program, args, options);
    if (!this.installed) return super.run('no-such-program', args, options);
    const [, offset, size] = /^driver=raw,offset=(\d+),size=(\d+),/.exec(args.at(-1)!)!;
    this.windows.push([Number(offset), Number(size)]);
    return this.windows.length === this.dies
      ? super.run('sh', ['-c', 'kill -KILL $$'], options)
      : super.run(program, args, options);
  }

  get copied(): number {
    return this.windows.reduce((sum, [, size]) => sum + size, 0);
  }
}

// A preallocating backend copies on every file system.
const reflinks = await canReflink(tmpdir());
if (reflinks) console.warn('SKIPPED: copies of sparse files: the directory for temporary files can reflink');
describe.each(reflinks ? [{ preallocate: true }] : [{ preallocate: false }, { preallocate: true }])(
  'a copy with %j',
  (options) => {
    let root: string;
    let commands: WatchedCommands;
    let driver: FileDriver;
    let source: DriverVolume;
    let copy: DriverVolume;

    const pool = (): string => join(root, 'served', 'test');
    const pathOf = ({ name }: DriverVolume): string => join(pool(), name);
    const newVolume = (sizeGib: number): DriverVolume => {
      const id = randomUUID();
      return { id, name: volumeName(id), sizeGib, pool: 'test' };
    };
    const draftsLeft = async (): Promise<string[]> =>
      (await readdir(pool())).filter((entry) => entry.startsWith('.partial-'));

    async function restart(): Promise<void> {
      await driver?.close();
      const context = driverContext(join(root, 'state'), { directory: join(root, 'served'), ...options });
      driver = new FileDriver({ ...context, commands });
      await driver.setup();
    }

    /** Until its first checkpoint. */
    async function cut(last?: Checkpoint, onProgress?: (percent: number) => void): Promise<Checkpoint> {
      const abort = new AbortController();
      const notebook = new Notebook(() => abort.abort(new Error('the service is stopped')));
      notebook.last = last;
      const call = { signal: abort.signal, checkpoints: notebook, ...(onProgress ? { onProgress } : {}) };
      await expect(driver.cloneVolume(copy, source, call)).rejects.toThrow();
      return notebook.last!;
    }

    async function goOn(last: Checkpoint | undefined): Promise<void> {
      const notebook = new Notebook();
      notebook.last = last;
      await driver.cloneVolume(copy, source, { signal, checkpoints: notebook });
    }

    const expectCopy = async (): Promise<void> => {
      await checkStamp(pathOf(copy), 'seed', GIB);
      expect((await stat(pathOf(copy))).size).toBe(copy.sizeGib * GIB);
      expect(await draftsLeft()).toEqual([]);
    };

    beforeEach(async () => {
      root = await mkdtemp(join(tmpdir(), 'scoria-resumed-'));
      commands = new WatchedCommands({ owner: `test@${root}` });
      await restart();
      [source, copy] = [newVolume(1), newVolume(2)];
      await driver.createVolume(source, { signal });
      await stamp(pathOf(source), 'seed', GIB);
    });

    afterEach(async () => {
      await driver.close();
      await rm(root, { recursive: true });
    });

    it('that is cut short again and again copies nothing twice', async () => {
      let last: Checkpoint | undefined;
      const progress: number[] = [];
      for (let cuts = 0; cuts < 3; cuts++) {
        const seen: number[] = [];
        last = await cut(last, (percent) => seen.push(percent));
        progress.push(seen[0]!);
        await restart();
      }
      await goOn(last);
      expect(commands.copied).toBe(GIB);
      expect(commands.windows.map(([offset]) => offset)).toEqual([0, GIB / 4, GIB / 2, (3 * GIB) / 4]);
      expect(progress).toEqual([0, 25, 50]);
      await expectCopy();
      if (!options.preallocate) expect((await stat(pathOf(copy))).blocks * 512).toBeLessThan(16 * 2 ** 20);
    });

    it('whose program was killed goes on after its last checkpoint', async () => {
      commands.dies = 2;
      const notebook = new Notebook();
      await expect(driver.cloneVolume(copy, source, { signal, checkpoints: notebook })).rejects.toThrow(
        'SIGKILL',
      );
      const before = commands.windows.length;
      await goOn(notebook.last);
      expect(commands.windows.slice(before)[0]).toEqual([GIB / 4, GIB / 4]);
      await expectCopy();
    });

    it('that is given up leaves nothing when its volume is deleted', async () => {
      await cut();
      expect(await draftsLeft()).toHaveLength(1);
      await restart();
      await driver.deleteVolume(copy);
      expect(await draftsLeft()).toEqual([]);
    });

    it('of which nobody knows any more is removed: by the next one of its name, or after two days', async () => {
      const [known, forgotten, old] = ['a', 'b', 'c'].map((digit) => digit.repeat(12));
      await driver.close();
      const stranger = newVolume(1);
      const draftOf = ({ name }: DriverVolume, id: string): string =>
        join(pool(), `.partial-resumable-${name}-${id}`);
      await writeFile(draftOf(copy, forgotten!), '');
      await writeFile(draftOf(stranger, known!), '');
      await writeFile(draftOf(stranger, old!), '');
      const longAgo = new Date(Date.now() - 49 * 3600 * 1000);
      await utimes(draftOf(stranger, old!), longAgo, longAgo);
      await restart();
      await goOn(undefined);
      expect(await draftsLeft()).toEqual([`.partial-resumable-${stranger.name}-${known}`]);
      await driver.deleteVolume(stranger);
      await expectCopy();
    });

    it('is made in one piece where there is no qemu-img', async () => {
      commands.installed = false;
      await goOn(undefined);
      await expectCopy();
    });
  },
);
