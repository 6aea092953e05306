import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { processIdentity } from './process-table.js';

interface Holder {
  pid: number;
  identity: string | undefined;
}

const ATTEMPTS = 10;

/**
 * Claims a data directory for this process, so that two runs never serve the same data. The claim of a process that
 * is gone counts for nothing. Throws when another living process, or another server of this one, holds it.
 * @returns what gives the claim back.
 */
export function claimDirectory(directory: string): () => void {
  const file = join(directory, 'claimed-by.json');
  const draft = `${file}.${randomUUID()}`;
  const own: Holder = { pid: process.pid, identity: processIdentity(process.pid) };
  writeFileSync(draft, JSON.stringify(own), { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      // link(2) is atomic and brings the content with it: nobody ever reads a claim that is half written.
      if (tryLink(draft, file)) return () => rmSync(file, { force: true });
      const holder = readHolder(file);
      if (holder && processIdentity(holder.pid) === holder.identity && holder.identity !== undefined) {
        throw new Error(`${directory} is in use by process ${holder.pid}: stop it, or use another directory`);
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

function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}
