import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The file with the key that seals secrets in the database; made at the first start, readable by its owner only. */
export async function secretKeyIn(dir: string): Promise<string> {
  const file = join(dir, 'secrets.key');
  await writeFile(file, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' }).catch(
    (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    },
  );
  return file;
}
