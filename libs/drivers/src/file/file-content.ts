import { open, rm, stat, truncate } from 'node:fs/promises';
import { CommandError, type CommandRunner } from '@scoria/commands';
import type { StepOptions } from '../driver.js';
import type { Draft } from './draft.js';
import { reflink } from './reflink.js';
import { Serial } from './serial.js';
import { sparseCopy } from './sparse-copy.js';
import { syncPath } from './sync-path.js';
import { windowedCopy } from './windowed-copy.js';

/** Taking all space of a volume writes no data, but its maps: minutes at most. */
const FALLOCATE_TIMEOUT_MS = 30 * 60 * 1000;

export interface ContentMode {
  /** Copies share blocks. */
  reflink: boolean;
  /** Files own all their blocks from the start. */
  preallocate: boolean;
}

/** Fills files in the way of one pool. Whatever is done is on disk when it is done. */
export class FileContent {
  /** Between looking at a size and setting it nobody else may: the later one would cut off the earlier one's growth. */
  private readonly resizing = new Serial();

  constructor(
    private readonly mode: ContentMode,
    private readonly commands: CommandRunner,
  ) {}

  /** Makes a file of zeros. */
  async empty(path: string, bytes: number, options: StepOptions): Promise<void> {
    await (await open(path, 'wx', 0o600)).close();
    await this.grow(path, bytes, options);
  }

  /** Whether a copy shares its source's blocks, and so takes no time. Only within one file system. */
  shares(sameFileSystem: boolean): boolean {
    return this.mode.reflink && sameFileSystem;
  }

  /** Makes a copy of a file, filled up with zeros. */
  async copy(
    source: string,
    target: string,
    bytes: number,
    options: StepOptions,
    how: { sameFileSystem: boolean; draft: Draft | undefined },
  ): Promise<void> {
    options.signal.throwIfAborted();
    if (this.shares(how.sameFileSystem)) await reflink(source, target);
    else await this.copyBytes(source, target, options, how.draft);
    await this.grow(target, bytes, options);
  }

  /** Without qemu-img, a copy that is cut short is begun anew. */
  private async copyBytes(
    source: string,
    target: string,
    options: StepOptions,
    draft: Draft | undefined,
  ): Promise<void> {
    if (draft) {
      try {
        return await windowedCopy(source, target, this.commands, options, draft);
      } catch (error) {
        if (!(error instanceof CommandError && error.notFound)) throw error;
        await rm(target, { force: true });
      }
    }
    await sparseCopy(source, target, this.commands, options);
  }

  /** Sets a file's size. Never makes it smaller. */
  async grow(path: string, bytes: number, options: StepOptions): Promise<void> {
    if (this.mode.preallocate) await this.allocate(path, bytes, options);
    await this.resizing.run(async () => {
      if ((await stat(path)).size < bytes) await truncate(path, bytes);
    });
    await syncPath(path);
  }

  /**
   * Takes the space first and lets the size follow: when there is not enough, the size has not changed, and setting the
   * same size again frees what was taken beyond it.
   */
  private async allocate(path: string, bytes: number, options: StepOptions): Promise<void> {
    try {
      await this.commands.run('fallocate', ['--keep-size', '--length', String(bytes), path], {
        timeoutMs: FALLOCATE_TIMEOUT_MS,
        signal: options.signal,
      });
    } catch (error) {
      await this.resizing.run(async () => truncate(path, (await stat(path)).size));
      throw error;
    }
  }
}
