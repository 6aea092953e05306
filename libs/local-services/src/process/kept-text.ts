import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

/** The secret in `file`; made of 24 random bytes, in hexadecimal, readable for the owner alone, when there is none yet. */
export function keptSecret(file: string, mode = 0o600): string {
  return keptText(file, randomBytes(24).toString('hex'), mode);
}

/** The text in `file`, which becomes `initial` when there is no such file yet. */
export function keptText(file: string, initial: string, mode = 0o600): string {
  try {
    writeFileSync(file, initial, { mode, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(file, 'utf8').trim();
}
