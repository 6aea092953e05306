import { link, lstat, readdir, rename, rm, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { parseStorageName } from '@scoria/domain';
import type { InventoryItem } from '../driver-objects.js';
import { GIB } from '../gib.js';
import type { Draft } from './draft.js';
import { isDraft, isDraftOf, isHousekeeping, isLeftover, partialName, trashName } from './file-names.js';
import { Serial } from './serial.js';
import { syncPath } from './sync-path.js';

/** Entries looked at together; Node has four threads for files. */
const BATCH = 16;
/** Twice as long as an operation may take: whoever began it does not come back for it. */
const DRAFT_LIFE_MS = 48 * 3600 * 1000;

/**
 * One directory of sparse files. A file has its final name only when it is complete and on disk, and loses it before
 * its space is freed: there is no moment at which a crash leaves half a file under a final name.
 */
export class FilePool {
  /** Frees space one file at a time: the largest take seconds, and must not hold all of Node's file threads. */
  private readonly freeing = new Serial();
  /** Names of the copies that can be gone on with. */
  private readonly drafts = new Set<string>();

  constructor(
    readonly name: string,
    readonly directory: string,
  ) {}

  path(name: string): string {
    return join(this.directory, name);
  }

  /**
   * Removes what was never finished, or was being deleted, but for copies that may yet be gone on with. Only while
   * nothing else works in the directory.
   *
   * @returns how many files
   */
  async removeLeftovers(): Promise<number> {
    let removed = 0;
    for (const name of (await readdir(this.directory)).filter(isLeftover)) {
      if ((await this.size(name)) === undefined) continue;
      if (isDraft(name) && (await this.isYoung(name))) {
        this.drafts.add(name);
        continue;
      }
      await rm(this.path(name));
      removed++;
    }
    return removed;
  }

  /** Bytes of a file, or undefined when there is none of that name. What is not a plain file is none of ours. */
  async size(name: string): Promise<number | undefined> {
    const found = await absentAsUndefined(lstat(this.path(name)));
    return found?.isFile() ? found.size : undefined;
  }

  /**
   * Makes the file `name` of what `build` makes under another name, which must be on disk when `build` is done.
   *
   * @param draft names it, and says whether it stays when `build` fails
   * @returns false when a file of that name was there already, which is then left as it is
   */
  async publish(name: string, build: (path: string) => Promise<void>, draft?: Draft): Promise<boolean> {
    const entry = draft?.entry ?? partialName(name);
    const partial = this.path(entry);
    let built = false;
    try {
      await build(partial);
      built = true;
      return await linkUnlessThere(partial, this.path(name));
    } finally {
      if (built || !draft?.kept) {
        await rm(partial, { force: true });
        this.drafts.delete(entry);
      }
      await this.sync();
    }
  }

  keepDraft(entry: string): void {
    this.drafts.add(entry);
  }

  /** Removes the unfinished copies that would have become `name`, but for one. */
  async removeDrafts(name: string, except?: string): Promise<void> {
    for (const entry of this.drafts) {
      if (entry === except || !isDraftOf(entry, name)) continue;
      await this.freeing.run(() => rm(this.path(entry), { force: true }));
      this.drafts.delete(entry);
    }
  }

  /** Deletes a file, or finishes what an earlier call began. */
  async remove(name: string): Promise<void> {
    const trash = this.path(trashName(name));
    if ((await this.size(name)) !== undefined) await absentAsUndefined(rename(this.path(name), trash));
    await this.sync();
    await this.freeing.run(() => absentAsUndefined(unlink(trash)));
    await this.removeDrafts(name);
  }

  /** Makes the names last: without it a power cut may undo a link, a rename or an unlink. */
  sync(): Promise<void> {
    return syncPath(this.directory);
  }

  /** The file system's bytes: all, and those that this user may still write. */
  async space(): Promise<{ total: number; free: number }> {
    const { blocks, bavail, bsize } = await statfs(this.directory);
    return { total: blocks * bsize, free: bavail * bsize };
  }

  async inventory(): Promise<InventoryItem[]> {
    const names = (await readdir(this.directory)).filter((name) => !isHousekeeping(name));
    const items: InventoryItem[] = [];
    for (let start = 0; start < names.length; start += BATCH) {
      const batch = await Promise.all(names.slice(start, start + BATCH).map((name) => this.item(name)));
      items.push(...batch.filter((item) => item !== undefined));
    }
    return items;
  }

  private async isYoung(name: string): Promise<boolean> {
    const { mtimeMs } = await lstat(this.path(name));
    return Date.now() - mtimeMs < DRAFT_LIFE_MS;
  }

  private async item(name: string): Promise<InventoryItem | undefined> {
    const found = await absentAsUndefined(lstat(this.path(name)));
    if (found === undefined) return undefined;
    const ours = found.isFile() ? parseStorageName(name) : undefined;
    return {
      kind: ours?.kind ?? 'unknown',
      ...(ours === undefined ? {} : { id: ours.id }),
      name,
      sizeGib: found.isFile() ? found.size / GIB : 0,
      modifiedAt: found.mtime,
      pool: this.name,
    };
  }
}

/** link(2), unlike rename(2), never replaces a file that another has made meanwhile. */
async function linkUnlessThere(existing: string, path: string): Promise<boolean> {
  try {
    await link(existing, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function absentAsUndefined<T>(result: Promise<T>): Promise<T | undefined> {
  try {
    return await result;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
