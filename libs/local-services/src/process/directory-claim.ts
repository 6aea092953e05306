import { randomUUID } from 'node:crypto';
import { linkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { recordProcess, recordedProcess } from './leftover.js';

const ATTEMPTS = 10;

/**
 * Claims a data directory for this process, so that two runs never serve the same data. The claim of a process that
 * is gone counts for nothing. Throws when another living process, or another server of this one, holds it.
 * @returns what gives the claim back.
 */
export function claimDirectory(directory: string): () => void {
  const file = join(directory, 'claimed-by.json');
  const draft = `${file}.${randomUUID()}`;
  recordProcess(draft, process.pid);
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      // link(2) is atomic and brings the content with it: nobody ever reads a claim that is half written.
      if (tryLink(draft, file)) return onceOnly(() => rmSync(file, { force: true }));
      const holder = recordedProcess(file);
      if (holder !== undefined) {
        throw new Error(`${directory} is in use by process ${holder}: stop it, or use another directory`);
      }
      rmSync(file, { force: true });
    }
    throw new Error(`${directory} cannot be claimed: another process takes it again and again`);
  } finally {
    rmSync(draft, { force: true });
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** A claim given back twice must not take away the one that came after it. */
function onceOnly(action: () => void): () => void {
  let done = false;
  return () => {
    if (!done) action();
    done = true;
  };
}
