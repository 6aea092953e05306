import { randomUUID } from 'node:crypto';
import { access, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Fault, isUuid } from '@scoria/domain';
import { DISK_FORMATS } from '../format/acceptable-image.js';
import { type ImageCaller, mayChange, maySee } from '../image-caller.js';
import type { ImageInfo, NewImage } from '../image-info.js';
import type { DownloadOptions, ImageService, UploadOptions } from '../image-service.js';
import { imageNotFound, mayNotChange, noBytesYet, sameUpload } from '../image-faults.js';
import { BLOCK_BYTES, type Written, writeBlocks } from '../transfer/block-writer.js';
import { type DirectoryImage, ImageDirectory } from './image-directory.js';
import { readMetadata, writeMetadata } from './image-metadata.js';

/** What an upload is hashed with, as Glance does. */
const ALGORITHMS = ['md5', 'sha512'];
const OS_HASH = 'sha512';

/**
 * Image files in a directory, for one machine: a file `NAME.raw`, `NAME.qcow2` or `NAME.img` that somebody puts there
 * is a public image, whose id follows from the file's name; a `NAME.json` beside it may say more, with Glance's names.
 * Images made of volumes are `ID.raw` or `ID.qcow2` with their JSON, and appear when they are complete.
 */
export class DirectoryImageService implements ImageService {
  private readonly directory: ImageDirectory;

  constructor(path: string) {
    this.directory = new ImageDirectory(path);
  }

  async show(id: string, caller: ImageCaller): Promise<ImageInfo> {
    return (await this.visible(id, caller)).info;
  }

  /** A file's name, with or without its ending: there is one such file at most. */
  async named(name: string, caller: ImageCaller): Promise<ImageInfo[]> {
    const image = await this.directory.find(name);
    return image !== undefined && maySee(image.info, caller) ? [image.info] : [];
  }

  async download(id: string, caller: ImageCaller, { signal, from = 0 }: DownloadOptions): Promise<Readable> {
    const { dataPath } = await this.visible(id, caller);
    if (dataPath === undefined) throw noBytesYet(id);
    const file = await open(dataPath, 'r');
    return file.createReadStream({ highWaterMark: BLOCK_BYTES, signal, start: from });
  }

  async create(meta: NewImage, caller: ImageCaller): Promise<ImageInfo> {
    const id = meta.id ?? randomUUID();
    if (!isUuid(id)) throw new Fault('badRequest', 'The id of an image must be a UUID.');
    // The format ends the file's name.
    if (!DISK_FORMATS.includes(meta.diskFormat)) {
      throw new Fault('badRequest', `Images here are raw or qcow2, not ${meta.diskFormat}.`);
    }
    const existing = await this.directory.find(id);
    if (existing === undefined) {
      await writeMetadata(this.directory.metadataPath(id), {
        name: meta.name,
        disk_format: meta.diskFormat,
        container_format: meta.containerFormat,
        min_disk: meta.minDiskGib ?? 0,
        min_ram: meta.minRamMib ?? 0,
        visibility: meta.visibility ?? 'private',
        protected: meta.protected ?? false,
        owner: caller.projectId,
        properties: meta.properties ?? {},
      });
    } else if (existing.info.owner !== caller.projectId) {
      throw new Fault('conflict', `Image ${id} exists already.`);
    }
    return this.show(id, caller);
  }

  async upload(id: string, data: Readable, caller: ImageCaller, options: UploadOptions): Promise<void> {
    // It may break before anybody reads from it; who reads later meets the error then.
    data.on('error', () => undefined);
    try {
      const { info, metadataPath } = await this.changeable(id, caller);
      if (info.status === 'active') {
        sameUpload(info, options.sizeBytes);
        return;
      }
      await this.removeDrafts(info.id);
      const draft = join(this.directory.path, `.${info.id}.${randomUUID()}.part`);
      try {
        const { digests } = await writeDraft(draft, data, options);
        const metadata = (await readMetadata(metadataPath)) ?? {};
        // Gone when a successor has begun: what is said of the image must be of the successor's bytes.
        await access(draft);
        await writeMetadata(metadataPath, {
          ...metadata,
          checksum: digests['md5']!,
          os_hash_algo: OS_HASH,
          os_hash_value: digests[OS_HASH]!,
        });
        await rename(draft, join(this.directory.path, `${info.id}.${info.diskFormat}`));
      } finally {
        await rm(draft, { force: true });
      }
    } finally {
      data.destroy();
    }
  }

  async setProtected(id: string, caller: ImageCaller, isProtected: boolean): Promise<void> {
    const { info, metadataPath } = await this.changeable(id, caller);
    if (info.protected === isProtected) return;
    await this.removeDrafts(info.id);
    const metadata = (await readMetadata(metadataPath)) ?? {};
    await writeMetadata(metadataPath, { ...metadata, protected: isProtected });
  }

  async delete(id: string, caller: ImageCaller): Promise<void> {
    const image = await this.directory.find(id);
    if (image === undefined || !maySee(image.info, caller)) return;
    if (image.info.protected || !mayChange(image.info, caller)) throw mayNotChange(id);
    await this.removeDrafts(image.info.id);
    if (image.dataPath !== undefined) await rm(image.dataPath, { force: true });
    await rm(image.metadataPath, { force: true });
  }

  private async visible(id: string, caller: ImageCaller): Promise<DirectoryImage> {
    const image = await this.directory.find(id);
    if (image === undefined || !maySee(image.info, caller)) throw imageNotFound(id);
    return image;
  }

  private async changeable(id: string, caller: ImageCaller): Promise<DirectoryImage> {
    const image = await this.visible(id, caller);
    if (!mayChange(image.info, caller)) throw mayNotChange(id);
    return image;
  }

  /** What earlier uploads left. One that is only slow loses its draft, and fails instead of finishing late. */
  private async removeDrafts(id: string): Promise<void> {
    const names = await readdir(this.directory.path);
    const drafts = names.filter((name) => name.startsWith(`.${id}.`) && name.endsWith('.part'));
    await Promise.all(drafts.map((name) => rm(join(this.directory.path, name), { force: true })));
  }
}

async function writeDraft(path: string, data: Readable, options: UploadOptions): Promise<Written> {
  await using file = await open(path, 'wx+', 0o600);
  const result = await writeBlocks(async () => data, {
    fd: file.fd,
    algorithms: ALGORITHMS,
    maxBytes: options.sizeBytes ?? Number.MAX_SAFE_INTEGER,
    setLength: true,
    signal: options.signal,
  });
  if (options.sizeBytes !== undefined && result.bytes !== options.sizeBytes) {
    throw new Error(`${result.bytes} bytes came of ${options.sizeBytes}`);
  }
  return result;
}
