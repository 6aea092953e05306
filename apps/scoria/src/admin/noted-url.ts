import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const fileIn = (dir: string): string => join(dir, 'url');

/** Leaves the gateway's URL in the directory of a single-process run, for commands that are to ask it. */
export const noteUrl = (dir: string, url: string): Promise<void> => writeFile(fileIn(dir), `${url}\n`);

export async function notedUrl(dir: string): Promise<string | undefined> {
  const text = await readFile(fileIn(dir), 'utf8').catch(() => undefined);
  return text?.trim();
}
