import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from '@scoria/domain';
import type { TokenSource } from '@scoria/identity';
import { type ImageCaller, maySee } from '../image-caller.js';
import { imageNotFound, noBytesYet, sameUpload } from '../image-faults.js';
import type { ImageInfo, NewImage } from '../image-info.js';
import type { DownloadOptions, ImageService, UploadOptions } from '../image-service.js';
import { GlanceHttp, GlanceRefusal } from './glance-http.js';
import { fromGlance, toGlance } from './glance-image.js';

export interface GlanceOptions {
  /** With or without `/v2`. */
  url: string;
  /** Of Scoria's own user, who must be an administrator at Glance to own images on others' behalf. */
  tokens?: TokenSource;
  /** Milliseconds to wait for another upload of the same image to end. 60,000 unless told. */
  savingTimeoutMs?: number;
}

const ID = /^[\w-]{1,64}$/;
/** Images of one name that are looked through for those that the caller may see. */
const MAX_NAMESAKES = 100;
const SAVING_TIMEOUT_MS = 60_000;
const SAVING_POLL_MS = 500;

/** Images of OpenStack's Image API v2. */
export class GlanceImageService implements ImageService {
  private readonly http: GlanceHttp;
  private readonly savingTimeoutMs: number;

  constructor(options: GlanceOptions) {
    this.http = new GlanceHttp(options.url, options.tokens);
    this.savingTimeoutMs = options.savingTimeoutMs ?? SAVING_TIMEOUT_MS;
  }

  async show(id: string, caller: ImageCaller): Promise<ImageInfo> {
    const image = await translated(id, async () => {
      return fromGlance(await this.http.ask({ method: 'GET', path: pathOf(id), caller, accepts: [200] }));
    });
    // Our own user sees everything.
    if (caller.token === undefined && !maySee(image, caller)) throw imageNotFound(id);
    return image;
  }

  async named(name: string, caller: ImageCaller): Promise<ImageInfo[]> {
    const query = new URLSearchParams({ name, limit: String(MAX_NAMESAKES) }).toString();
    const path = `/images?${query}`;
    const body = await translated(name, () => this.http.ask({ method: 'GET', path, caller, accepts: [200] }));
    const images = (body as { images: unknown[] }).images.map(fromGlance);
    // Glance reads `in:a,b` as two names. Our own user sees everything.
    return images.filter(
      (image) => image.name === name && (caller.token !== undefined || maySee(image, caller)),
    );
  }

  async download(id: string, caller: ImageCaller, { signal, from = 0 }: DownloadOptions): Promise<Readable> {
    const { status } = await this.show(id, caller);
    if (status !== 'active') throw noBytesYet(id);
    return translated(id, () => this.http.stream({ path: `${pathOf(id)}/file`, caller, signal, from }));
  }

  async create(meta: NewImage, caller: ImageCaller): Promise<ImageInfo> {
    const owner = caller.token === undefined ? caller.projectId : undefined;
    try {
      const json = toGlance(meta, owner);
      return fromGlance(
        await this.http.ask({ method: 'POST', path: '/images', caller, json, accepts: [201] }),
      );
    } catch (error) {
      if (!(error instanceof GlanceRefusal)) throw error;
      if (error.kind !== 'conflict' || meta.id === undefined) throw toFault(error, meta.id ?? meta.name);
      return await this.existing(meta.id, caller, error);
    }
  }

  async upload(id: string, data: Readable, caller: ImageCaller, options: UploadOptions): Promise<void> {
    // It may break before anybody reads from it; who reads later meets the error then.
    data.on('error', () => undefined);
    try {
      const image = await this.settled(id, caller, options.signal);
      if (image.status === 'active') sameUpload(image, options.sizeBytes);
      else await this.put(id, data, caller, options);
    } finally {
      data.destroy();
    }
  }

  async setProtected(id: string, caller: ImageCaller, isProtected: boolean): Promise<void> {
    if ((await this.show(id, caller)).protected === isProtected) return;
    const json = [{ op: 'replace', path: '/protected', value: isProtected }];
    await translated(id, () =>
      this.http.ask({ method: 'PATCH', path: pathOf(id), caller, json, accepts: [200] }),
    );
  }

  async delete(id: string, caller: ImageCaller): Promise<void> {
    try {
      await this.show(id, caller);
      await translated(id, () =>
        this.http.ask({ method: 'DELETE', path: pathOf(id), caller, accepts: [204] }),
      );
    } catch (error) {
      if (!(error instanceof Fault) || error.kind !== 'notFound') throw error;
    }
  }

  /** Ends the connections to Glance. */
  close(): Promise<void> {
    return this.http.close();
  }

  /** The image that a create met, when it is the one that an earlier try made. */
  private async existing(id: string, caller: ImageCaller, cause: Error): Promise<ImageInfo> {
    const image = await this.show(id, caller).catch(() => undefined);
    if (image === undefined || (image.owner ?? caller.projectId) !== caller.projectId) {
      throw new Fault('conflict', `Image ${id} exists already.`, { cause });
    }
    return image;
  }

  /**
   * The image once no upload is under way: Glance makes it `queued` again when an upload's connection breaks. Of a host
   * that went down without a word it hears only when its own wait is over, later than ours.
   */
  private async settled(id: string, caller: ImageCaller, signal: AbortSignal): Promise<ImageInfo> {
    const deadline = performance.now() + this.savingTimeoutMs;
    for (;;) {
      const image = await this.show(id, caller);
      if (image.status !== 'saving') return image;
      if (performance.now() > deadline) {
        throw new Fault('unavailable', `Another upload of image ${id} does not end.`, {
          detail: 'uploadFailed',
        });
      }
      await delay(SAVING_POLL_MS, undefined, { signal });
    }
  }

  private async put(id: string, data: Readable, caller: ImageCaller, options: UploadOptions): Promise<void> {
    const { signal, sizeBytes } = options;
    const path = `${pathOf(id)}/file`;
    const dataBytes = sizeBytes === undefined ? {} : { dataBytes: sizeBytes };
    await translated(id, () =>
      this.http.ask({ method: 'PUT', path, caller, data, ...dataBytes, accepts: [204], signal }),
    );
  }
}

function pathOf(id: string): string {
  if (!ID.test(id)) throw imageNotFound(id.slice(0, 64));
  return `/images/${id}`;
}

async function translated<T>(id: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw error instanceof GlanceRefusal ? toFault(error, id) : error;
  }
}

function toFault(refusal: GlanceRefusal, id: string): Fault {
  return refusal.kind === 'notFound'
    ? imageNotFound(id, refusal)
    : new Fault(refusal.kind, `The image service refused the request for image ${id}.`, { cause: refusal });
}
