import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const made = new Set<string>();

/**
 * A new empty directory, removed by {@link removeTempDirs} at the latest. Others may pass through it (mode 711), so that
 * servers that run as another user can work below it.
 */
export function tempDir(purpose = 'test'): string {
  const directory = mkdtempSync(join(tmpdir(), `scoria-${purpose}-`));
  chmodSync(directory, 0o711);
  made.add(directory);
  return directory;
}

/** Removes every directory that {@link tempDir} made in this test file. For `afterAll`. */
export function removeTempDirs(): void {
  for (const directory of made) rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  made.clear();
}
