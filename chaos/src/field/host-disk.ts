import { mkdir, open, rm, statfs, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from './programs.js';
import { until } from './until.js';

/** Sparse, so it takes what is written; small, so that it can be filled. */
const BYTES = 3 * 2 ** 30;
const UNMOUNT_LIMIT_MS = 30_000;
const CHUNK = 64 * 1024;

/** The file system of one storage host: XFS in a file, mounted on the directory of its backend. */
export class HostDisk {
  private constructor(
    private readonly image: string,
    readonly directory: string,
  ) {}

  /** @param reflink whether copies may share blocks; without, the driver copies them */
  static async make(image: string, directory: string, reflink: boolean): Promise<HostDisk> {
    await mkdir(directory, { recursive: true });
    await writeFile(image, '');
    await truncate(image, BYTES);
    await runProgram('mkfs.xfs', ['-q', '-m', `reflink=${reflink ? 1 : 0}`, image]);
    const disk = new HostDisk(image, directory);
    await disk.mount();
    return disk;
  }

  async mount(): Promise<void> {
    await runProgram('mount', ['-o', 'loop', this.image, this.directory]);
  }

  /** Nothing may have a file open on it; waits a while for those who are just ending. */
  async unmount(): Promise<void> {
    let reason = '';
    await until(`${this.directory} to be let go`, UNMOUNT_LIMIT_MS, async () => {
      try {
        await runProgram('umount', [this.directory]);
        return true;
      } catch (error) {
        reason = String(error);
        return /not mounted/.test(reason);
      }
    }).catch((error: Error) => {
      throw new Error(`${error.message}: ${reason}`);
    });
  }

  /** Takes it away whoever still has files open on it; for the end of a run. */
  async discard(): Promise<void> {
    await this.unmount().catch(() => runProgram('umount', ['--lazy', this.directory]));
  }

  /** From now on everything answers "Input/output error", and what had not reached the disk never will. */
  async breakDown(): Promise<void> {
    await runProgram('xfs_io', ['-x', '-c', 'shutdown', this.directory]);
  }

  /** Leaves no byte free. */
  async fill(): Promise<void> {
    await using file = await open(this.ballast, 'w');
    const { bavail, bsize } = await statfs(this.directory);
    const most = Math.max(1, bavail * bsize - 2 ** 20);
    await runProgram('fallocate', ['-l', String(most), this.ballast]).catch(() => undefined);
    const chunk = Buffer.alloc(CHUNK, 1);
    try {
      for (let at = (await file.stat()).size; ; at += CHUNK) await file.write(chunk, 0, CHUNK, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }

  /** For good: a disk that breaks down right after is not full again when it is back. */
  async makeRoom(): Promise<void> {
    await rm(this.ballast, { force: true });
    await using directory = await open(this.directory);
    await directory.sync();
  }

  private get ballast(): string {
    return join(this.directory, '.ballast');
  }
}
