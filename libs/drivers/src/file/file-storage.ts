import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '@scoria/config';
import { Fault } from '@scoria/domain';
import { type BackendLock, holdBackend } from '../backend-lock.js';
import type { DriverContext } from '../driver-factory.js';
import { optionPath } from '../read-options.js';
import { type ContentMode, FileContent } from './file-content.js';
import type { FileOptions } from './file-options.js';
import { FilePool } from './file-pool.js';
import { markPool, refuseAnotherDirectory } from './pool-identity.js';
import { canReflink } from './reflink.js';

export interface ServedPool {
  pool: FilePool;
  mode: ContentMode;
  content: FileContent;
}

/** The directories of one backend: held, cleaned and probed before they are served. */
export class FileStorage {
  private readonly served = new Map<string, ServedPool>();
  private readonly closing = new AbortController();
  private lock: BackendLock | undefined;
  private opening: Promise<void> = Promise.resolve();

  constructor(
    private readonly context: DriverContext,
    private readonly options: FileOptions,
  ) {}

  open(): Promise<void> {
    this.opening = this.takeHold();
    return this.opening;
  }

  /** The directories are another's when this resolves: what `open()` had begun has ended before. */
  async close(): Promise<void> {
    this.closing.abort(new Error('the driver was closed'));
    await this.opening.catch(() => undefined);
    await this.giveUp();
  }

  pools(): ServedPool[] {
    return [...this.served.values()];
  }

  pool(name: string): ServedPool {
    const served = this.served.get(name);
    if (served === undefined) throw new Fault('unavailable', `The backend does not serve a pool "${name}".`);
    return served;
  }

  private async takeHold(): Promise<void> {
    const { backendName, commands, logger, stateDir } = this.context;
    const { directory } = this.options;
    const { signal } = this.closing;
    const names = this.options.pools ?? [backendName];
    const pools = names.map((name) => new FilePool(name, join(directory, name)));
    for (const { name, directory: path } of pools) await refuseAnotherDirectory(name, path, stateDir);
    await makeDirectory(directory, optionPath(backendName, 'directory'));
    await mkdir(stateDir, { recursive: true, mode: 0o700 });
    signal.throwIfAborted();
    this.lock = await holdBackend(directory, { backendName, commands, logger, signal });
    try {
      signal.throwIfAborted();
      const killed = await commands.killSurvivors();
      if (killed > 0) logger.warn('Killed commands that outlived their service', { backendName, killed });
      for (const pool of pools) await this.openPool(pool);
      await this.refuseSharedSpace(pools);
      signal.throwIfAborted();
    } catch (error) {
      await this.giveUp();
      throw error;
    }
  }

  private async giveUp(): Promise<void> {
    this.served.clear();
    await this.lock?.release();
    this.lock = undefined;
  }

  private async openPool(pool: FilePool): Promise<void> {
    const { commands, logger, stateDir, backendName } = this.context;
    await makeDirectory(pool.directory, optionPath(backendName, 'pools'));
    await markPool(pool.name, pool.directory, stateDir);
    this.closing.signal.throwIfAborted();
    const leftovers = await pool.removeLeftovers();
    if (leftovers > 0) {
      logger.info('Removed what was never finished', {
        backendName,
        pool: pool.name,
        leftovers,
      });
    }
    const { preallocate } = this.options;
    const reflink = !preallocate && (await canReflink(pool.directory));
    const mode = { preallocate, reflink };
    logger.info('Serving a pool', { backendName, pool: pool.name, directory: pool.directory, ...mode });
    this.served.set(pool.name, { pool, mode, content: new FileContent(mode, commands) });
  }

  /** Two pools of one file system would both publish all of its free space. */
  private async refuseSharedSpace(pools: FilePool[]): Promise<void> {
    const poolOf = new Map<number, string>();
    for (const { name, directory } of pools) {
      const { dev } = await stat(directory);
      const other = poolOf.get(dev);
      if (other !== undefined) {
        const path = optionPath(this.context.backendName, 'pools');
        throw new ConfigError([`${path}: ${other} and ${name} are on one file system; each needs its own`]);
      }
      poolOf.set(dev, name);
    }
  }
}

/** What no retry mends; a disk that answers with I/O errors may be repaired while other backends go on. */
const WRONG_PATH = new Set(['EEXIST', 'ENOTDIR', 'EACCES', 'EPERM', 'EROFS', 'ELOOP', 'ENAMETOOLONG']);

async function makeDirectory(directory: string, option: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!WRONG_PATH.has(code ?? '')) throw error;
    throw new ConfigError([`${option}: ${directory} cannot be made or is no directory (${code})`]);
  }
}
