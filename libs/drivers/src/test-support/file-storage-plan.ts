import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConformanceStorage } from '../conformance/index.js';
import { GIB } from '../gib.js';
import { type FileSystemKind, mountFileSystem } from './file-system.js';

/** The file driver on a file system of its own. */
export async function mountedStorage(
  kind: FileSystemKind,
  options: Record<string, unknown> = {},
): Promise<ConformanceStorage> {
  const fileSystem = await mountFileSystem(kind, 20 * GIB);
  const storage = await storageIn(fileSystem.directory, options);
  return {
    ...storage,
    exclusive: true,
    dispose: async () => {
      await fileSystem.remove();
      await storage.dispose();
    },
  };
}

/** The file driver in the directory for temporary files. */
export async function temporaryStorage(options: Record<string, unknown> = {}): Promise<ConformanceStorage> {
  const directory = await mkdtemp(join(tmpdir(), 'scoria-file-'));
  const storage = await storageIn(directory, options);
  return {
    ...storage,
    dispose: async () => {
      await rm(directory, { recursive: true });
      await storage.dispose();
    },
  };
}

async function storageIn(directory: string, options: Record<string, unknown>): Promise<ConformanceStorage> {
  const stateDir = await mkdtemp(join(tmpdir(), 'scoria-state-'));
  return {
    driver: 'file',
    options: { directory, pools: ['pool'], ...options },
    stateDir,
    exclusive: false,
    addForeign: async () => {
      const name = `foreign-${randomUUID()}`;
      const path = join(directory, 'pool', name);
      await mkdir(join(directory, 'pool'), { recursive: true });
      await writeFile(path, '');
      await truncate(path, GIB);
      return name;
    },
    dispose: () => rm(stateDir, { recursive: true }),
  };
}
