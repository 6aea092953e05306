import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isUuid } from '@scoria/domain';
import { detectFormat, MAGIC_BYTES } from '../format/magic.js';
import { parseQcow2Header } from '../format/qcow2-header.js';
import type { ImageInfo } from '../image-info.js';
import { type ImageMetadata, readMetadata } from './image-metadata.js';
import { nameUuid } from './name-uuid.js';

/** One image of the directory. */
export interface DirectoryImage {
  info: ImageInfo;
  /** Where its bytes are; undefined while it is queued. */
  dataPath: string | undefined;
  metadataPath: string;
}

const DATA_FILE = /^([^.].*)\.(raw|qcow2|img)$/;
const QUEUED_FILE = /^([0-9a-f-]{36})\.json$/;
const MAX_ENTRIES = 10_000;

interface Found {
  id: string;
  base: string;
  dataFile?: string;
}

/** Finds images among the files. What is asked for is compared with what is there; it never becomes a path. */
export class ImageDirectory {
  constructor(readonly path: string) {}

  /** @param wanted an id, a file's name, or that without its ending */
  async find(wanted: string): Promise<DirectoryImage | undefined> {
    const names = await readdir(this.path);
    if (names.length > MAX_ENTRIES) throw new Error(`${this.path} has more than ${MAX_ENTRIES} files`);
    const images = [...names.flatMap(dataFile), ...names.flatMap(queuedFile)];
    const found =
      images.find(({ id }) => id === wanted) ??
      images.find(({ dataFile: file, base }) => file === wanted || base === wanted);
    return found && (await this.describe(found));
  }

  metadataPath(base: string): string {
    return join(this.path, `${base}.json`);
  }

  private async describe({ id, base, dataFile: file }: Found): Promise<DirectoryImage | undefined> {
    const metadataPath = this.metadataPath(base);
    const metadata = await readMetadata(metadataPath);
    if (file === undefined) {
      return metadata && { info: queuedImage(id, metadata), dataPath: undefined, metadataPath };
    }
    const dataPath = join(this.path, file);
    return { info: await activeImage(id, base, dataPath, metadata ?? {}), dataPath, metadataPath };
  }
}

function dataFile(name: string): Found[] {
  const base = DATA_FILE.exec(name)?.[1];
  return base === undefined ? [] : [{ id: isUuid(base) ? base : nameUuid(name), base, dataFile: name }];
}

function queuedFile(name: string): Found[] {
  const base = QUEUED_FILE.exec(name)?.[1];
  return base !== undefined && isUuid(base) ? [{ id: base, base }] : [];
}

async function activeImage(
  id: string,
  base: string,
  dataPath: string,
  metadata: ImageMetadata,
): Promise<ImageInfo> {
  const { size, mtime } = await stat(dataPath);
  const head = await readHead(dataPath);
  const detected = detectFormat(head);
  const header = detected === 'qcow2' ? parseQcow2Header(head) : undefined;
  return {
    ...described(id, metadata, base),
    status: 'active',
    diskFormat: metadata.disk_format ?? detected,
    sizeBytes: size,
    ...(detected === 'raw' ? { virtualSizeBytes: size } : {}),
    ...(header === undefined ? {} : { virtualSizeBytes: header.virtualSizeBytes }),
    updatedAt: mtime.toISOString(),
  };
}

function queuedImage(id: string, metadata: ImageMetadata): ImageInfo {
  return {
    ...described(id, metadata, id),
    status: 'queued',
    diskFormat: metadata.disk_format ?? 'raw',
    sizeBytes: 0,
    updatedAt: new Date(0).toISOString(),
  };
}

function described(
  id: string,
  metadata: ImageMetadata,
  base: string,
): Omit<ImageInfo, 'status' | 'diskFormat' | 'sizeBytes' | 'updatedAt'> {
  const { checksum, os_hash_algo: osHashAlgo, os_hash_value: osHashValue, owner } = metadata;
  return {
    id,
    name: metadata.name ?? base,
    containerFormat: metadata.container_format ?? 'bare',
    minDiskGib: metadata.min_disk ?? 0,
    minRamMib: metadata.min_ram ?? 0,
    ...(checksum === undefined ? {} : { checksum }),
    ...(osHashAlgo === undefined ? {} : { osHashAlgo }),
    ...(osHashValue === undefined ? {} : { osHashValue }),
    visibility: metadata.visibility ?? 'public',
    protected: metadata.protected ?? false,
    ...(owner === undefined ? {} : { owner }),
    properties: metadata.properties ?? {},
  };
}

async function readHead(path: string): Promise<Buffer> {
  await using file = await open(path, 'r');
  const { buffer, bytesRead } = await file.read(Buffer.alloc(MAGIC_BYTES), 0, MAGIC_BYTES, 0);
  return buffer.subarray(0, bytesRead);
}
