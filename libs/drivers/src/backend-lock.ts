import { type FileHandle, open } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { CommandError, type CommandRunner } from '@scoria/commands';
import { ConfigError } from '@scoria/config';
import type { DriverLogger } from './driver-factory.js';

export interface BackendLock {
  /** Gives the backend up. The kernel does the same when the process dies, in whatever way. */
  release(): Promise<void>;
}

export interface BackendLockOptions {
  /** Shown to whoever waits. */
  backendName: string;
  commands: CommandRunner;
  logger: DriverLogger;
  /** Ends the waiting. */
  signal?: AbortSignal;
}

const LOCK_FILE = '.scoria-lock';
/** Milliseconds after which a waiting process says again that it waits. */
const WAIT_MS = 60_000;
/** Characters read of what the holder wrote. */
const MAX_HOLDER = 300;

/** Lock files that this process holds, by device and inode. Here they are also safe from the garbage collector. */
const heldHere = new Map<string, FileHandle>();

/**
 * Makes this process the only one that serves the backend in `directory`: holds an flock(2) lock on a file there, or
 * waits for it and says who holds it.
 *
 * Node has no flock; flock(1) takes the lock on a descriptor that we lend it. Such a lock belongs to the open file,
 * not to the process that asked for it, so it stays with us when flock(1) has ended, and goes with our last descriptor.
 *
 * @throws ConfigError when another backend of this very process holds it
 */
export async function holdBackend(directory: string, options: BackendLockOptions): Promise<BackendLock> {
  const file = await open(join(directory, LOCK_FILE), 'a+', 0o600);
  try {
    const { dev, ino } = await file.stat();
    const key = `${dev}:${ino}`;
    if (heldHere.has(key)) throw new ConfigError([`${directory}: two backends of this process name it`]);
    heldHere.set(key, file);
    try {
      await acquire(file, directory, options);
    } catch (error) {
      heldHere.delete(key);
      throw error;
    }
    return {
      release: async () => {
        if (heldHere.delete(key)) await file.close();
      },
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function acquire(file: FileHandle, directory: string, options: BackendLockOptions): Promise<void> {
  const { backendName, logger } = options;
  try {
    while (!(await tryLock(file, options))) {
      const holder = await readHolder(file);
      logger.warn(`Another process serves ${directory}; waiting until it ends`, { backendName, holder });
      await waitForLock(file, options);
    }
  } catch (error) {
    if (!(error instanceof CommandError && error.notFound)) throw error;
    logger.warn(`There is no flock(1) here: nothing keeps a second process from ${directory}`, {
      backendName,
    });
  }
  const since = new Date().toISOString();
  const holder = JSON.stringify({ pid: process.pid, host: hostname(), backend: backendName, since });
  await file.truncate(0);
  await file.write(`${holder}\n`);
}

/** flock(1) exits with 1 when another holds the lock. Short options: BusyBox has no others. */
async function tryLock(file: FileHandle, { commands, signal }: BackendLockOptions): Promise<boolean> {
  const { exitCode } = await commands.run('flock', ['-x', '-n', '3'], {
    timeoutMs: WAIT_MS,
    okExitCodes: [0, 1],
    descriptors: [file.fd],
    ...(signal === undefined ? {} : { signal }),
  });
  return exitCode === 0;
}

async function waitForLock(file: FileHandle, { commands, signal }: BackendLockOptions): Promise<void> {
  try {
    await commands.run('flock', ['-x', '3'], {
      timeoutMs: WAIT_MS,
      descriptors: [file.fd],
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (!(error instanceof CommandError && error.timedOut)) throw error;
  }
}

async function readHolder(file: FileHandle): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_HOLDER), 0, MAX_HOLDER, 0);
  return buffer.toString('utf8', 0, bytesRead).trim();
}
