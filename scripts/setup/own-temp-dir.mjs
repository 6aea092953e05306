/** A temporary directory for one program and all that it starts, which ends with the program. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const REMOVAL_ATTEMPTS = 50;
const REMOVAL_PAUSE_MS = 200;

/**
 * Runs `work(directory)`; whoever has the directory in the environment is ended afterwards, and the directory removed.
 * For programs that get it as TMPDIR.
 */
export async function withOwnTempDir(work) {
  const directory = mkdtempSync(join(tmpdir(), 'scoria-test-'));
  chmodSync(directory, 0o711);
  try {
    return await work(directory);
  } finally {
    killProcessesOf(directory);
    await remove(directory);
  }
}

/** Servers that were told to end are still ending, and may write or start something once more: try until all is gone. */
async function remove(directory) {
  for (let attempt = 0; attempt < REMOVAL_ATTEMPTS && existsSync(directory); attempt++) {
    if (attempt > 0) await delay(REMOVAL_PAUSE_MS);
    killProcessesOf(directory);
    await rm(directory, { recursive: true, force: true }).catch(() => undefined);
  }
}

/**
 * SIGKILL for every process with the directory, or a path in it, in its environment (Linux). Services and target daemons
 * are meant to outlive who starts them, so the death of a program that could not clean up leaves them running.
 */
function killProcessesOf(directory) {
  if (!existsSync('/proc/self/environ')) return;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const environment = `${readFileSync(`/proc/${pid}/environ`, 'utf8')}\0`;
      if (environment.includes(`=${directory}\0`) || environment.includes(`=${directory}/`))
        process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended meanwhile, or is somebody else's.
    }
  }
}
