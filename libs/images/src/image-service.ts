import type { Readable } from 'node:stream';
import type { ImageCaller } from './image-caller.js';
import type { ImageInfo, NewImage } from './image-info.js';

export interface TransferOptions {
  signal: AbortSignal;
}

export interface DownloadOptions extends TransferOptions {
  /** The first byte wanted, counted from 0; less than the image has. */
  from?: number;
}

export interface UploadOptions extends TransferOptions {
  /** Bytes that `data` has, where that is known beforehand. */
  sizeBytes?: number;
}

/** Where images come from and go to. What a caller may not see is `notFound`, as if it were not there. */
export interface ImageService {
  /** @throws Fault `notFound` when absent or invisible */
  show(id: string, caller: ImageCaller): Promise<ImageInfo>;

  /** The images of this very name that the caller may see; names are nobody's alone. */
  named(name: string, caller: ImageCaller): Promise<ImageInfo[]>;

  /**
   * The image's bytes, from `options.from` on. A stream that breaks midway is destroyed with the error.
   *
   * @throws Fault `notFound`, or `badRequest` when the image has no bytes yet
   */
  download(id: string, caller: ImageCaller, options: DownloadOptions): Promise<Readable>;

  /**
   * Makes an image without bytes (`queued`). With `meta.id` it may be called again: the image that exists already is
   * answered when it is the caller's.
   *
   * @throws Fault `conflict` when the id is another's
   */
  create(meta: NewImage, caller: ImageCaller): Promise<ImageInfo>;

  /**
   * Fills a queued image and makes it `active`. May be called again after a broken attempt; an image that is already
   * active stays as it is. `data` is always consumed or destroyed.
   *
   * @throws Fault `conflict` when a raw image is active with another size, `unavailable` when another upload does not end
   */
  upload(id: string, data: Readable, caller: ImageCaller, options: UploadOptions): Promise<void>;

  /**
   * Whether the image can be deleted. Succeeds when it is so already.
   *
   * @throws Fault `notFound` when absent or invisible, `forbidden` when it is another's
   */
  setProtected(id: string, caller: ImageCaller, isProtected: boolean): Promise<void>;

  /** Succeeds when the image is absent already. @throws Fault `forbidden` when it is protected, or another's */
  delete(id: string, caller: ImageCaller): Promise<void>;
}
