import { Fault } from '@scoria/domain';
import type { ImageInfo } from './image-info.js';

export const imageNotFound = (id: string, cause?: unknown): Fault =>
  new Fault('notFound', `Image ${id} could not be found.`, { cause });

export const noBytesYet = (id: string): Fault => new Fault('badRequest', `Image ${id} is not active.`);

export const mayNotChange = (id: string, cause?: unknown): Fault =>
  new Fault('forbidden', `Image ${id} may not be changed.`, { cause });

/** What the service said or did not say goes to the operator only. */
export const imageServiceAway = (cause: unknown): Fault =>
  new Fault('unavailable', 'The image service is not available.', { cause, retryAfter: 5 });

/**
 * Whether an image that is active already is what an upload, run again, would have made of it. Only of a raw one the size
 * tells: a device in use, or a conversion that was cut short, is packed into another number of bytes each time.
 *
 * @throws Fault `conflict`
 */
export function sameUpload(image: ImageInfo, sizeBytes: number | undefined): void {
  if (image.diskFormat === 'raw' && sizeBytes !== undefined && image.sizeBytes !== sizeBytes) {
    throw new Fault('conflict', `Image ${image.id} is active with other bytes.`, { detail: 'uploadFailed' });
  }
}
