import type { ImageInfo } from './image-info.js';

/**
 * On whose behalf images are used. With a `token` the image service itself decides what the caller may do: so the
 * API asks while a request lasts. Operations outlive tokens: without one, the service's own credentials are used
 * and `maySee` and `mayChange` decide.
 */
export interface ImageCaller {
  projectId: string;
  userId: string;
  roles?: string[];
  token?: string;
}

const isAdmin = (caller: ImageCaller): boolean => caller.roles?.includes('admin') ?? false;

/** A `shared` image is let pass: its list of members was consulted when the API asked with the caller's token. */
export function maySee(image: ImageInfo, caller: ImageCaller): boolean {
  return image.visibility !== 'private' || mayChange(image, caller);
}

export function mayChange(image: ImageInfo, caller: ImageCaller): boolean {
  return isAdmin(caller) || image.owner === caller.projectId;
}
