import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { Fault } from '@scoria/domain';
import type { ImageCaller, ImageInfo, ImageService, NewImage } from '@scoria/images';

/** An image service in memory, as the gateway needs it. */
export class FakeImages implements ImageService {
  readonly images = new Map<string, ImageInfo>();
  readonly callers: ImageCaller[] = [];

  add(image: Partial<ImageInfo>): string {
    const id = image.id ?? randomUUID();
    this.images.set(id, { ...BLANK, ...image, id });
    return id;
  }

  async show(id: string, caller: ImageCaller): Promise<ImageInfo> {
    this.callers.push(caller);
    const image = this.images.get(id);
    if (!image) throw new Fault('notFound', `No image found with ID ${id}`);
    return image;
  }

  async named(name: string): Promise<ImageInfo[]> {
    return [...this.images.values()].filter((image) => image.name === name);
  }

  async create(meta: NewImage, caller: ImageCaller): Promise<ImageInfo> {
    this.callers.push(caller);
    const existing = meta.id === undefined ? undefined : this.images.get(meta.id);
    if (existing) return existing;
    const id = this.add({ ...meta, status: 'queued', owner: caller.projectId });
    return this.images.get(id)!;
  }

  async setProtected(id: string, _caller: ImageCaller, isProtected: boolean): Promise<void> {
    this.images.get(id)!.protected = isProtected;
  }

  async delete(id: string): Promise<void> {
    this.images.delete(id);
  }

  async download(): Promise<Readable> {
    return Readable.from([]);
  }

  async upload(): Promise<void> {}
}

const BLANK: Omit<ImageInfo, 'id'> = {
  name: 'image',
  status: 'active',
  diskFormat: 'raw',
  containerFormat: 'bare',
  sizeBytes: 0,
  minDiskGib: 0,
  minRamMib: 0,
  visibility: 'private',
  protected: false,
  updatedAt: '2026-01-01T00:00:00Z',
  properties: {},
};
