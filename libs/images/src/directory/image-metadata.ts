import { randomUUID } from 'node:crypto';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** What the JSON file beside an image may say, with Glance's names. Everything is optional. */
export interface ImageMetadata {
  name?: string;
  disk_format?: string;
  container_format?: string;
  min_disk?: number;
  min_ram?: number;
  checksum?: string;
  os_hash_algo?: string;
  os_hash_value?: string;
  visibility?: string;
  protected?: boolean;
  owner?: string;
  properties?: Record<string, string>;
}

const MAX_BYTES = 256 * 1024;

/** @returns undefined when there is no such file */
export async function readMetadata(path: string): Promise<ImageMetadata | undefined> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  try {
    if ((await file.stat()).size > MAX_BYTES) throw new Error(`${path} has more than ${MAX_BYTES} bytes`);
    return JSON.parse(await file.readFile('utf8')) as ImageMetadata;
  } finally {
    await file.close();
  }
}

/**
 * All or nothing: who reads meanwhile sees the old content or the new. What a process that is killed in the middle leaves is
 * one of the drafts of the image, by its name, where the image was made here.
 */
export async function writeMetadata(path: string, metadata: ImageMetadata): Promise<void> {
  const draft = join(dirname(path), `.${basename(path, '.json')}.${randomUUID()}.json.part`);
  try {
    await writeFile(draft, `${JSON.stringify(metadata, undefined, 2)}\n`, { mode: 0o600, flush: true });
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}
