import { Fault, isUuid } from '@scoria/domain';
import type { ImageCaller, ImageInfo, ImageService } from '@scoria/images';
import type { Call } from '../frame/call.js';
import type { CreateVolumeBody } from './volume-bodies.js';

/** How a body names the image that a new volume is made of, if any. */
export const imageNamedIn = ({ imageRef, image_id }: CreateVolumeBody): string | undefined =>
  imageRef || image_id || undefined;

/**
 * The image that a new volume is made of. Asked with the caller's own token, before the transaction: the image service
 * decides what the caller may see.
 *
 * @throws Fault `badRequest` when there is none, or it has no bytes yet; `conflict` when several have the name
 */
export async function findImage(
  call: Call,
  reference: string,
  images: ImageService | undefined,
): Promise<ImageInfo> {
  if (!images) throw noSuchImage();
  const { projectId, userId, roles } = call.context;
  const caller = { projectId, userId, roles, ...(call.token === undefined ? {} : { token: call.token }) };
  const image = (await byId(images, reference, caller)) ?? (await byName(images, reference, caller));
  if (image.status !== 'active') {
    throw new Fault('badRequest', `Invalid input received: Image ${image.id} is not active.`);
  }
  return image;
}

/** Nova gives a URL whose last part is the id (Cinder behaviour). */
async function byId(
  images: ImageService,
  reference: string,
  caller: ImageCaller,
): Promise<ImageInfo | undefined> {
  const id = reference.split('/').at(-1)!;
  if (!isUuid(id)) return undefined;
  return images.show(id, caller).catch((error: unknown) => {
    if (error instanceof Fault && error.kind === 'notFound') return undefined;
    throw error;
  });
}

async function byName(images: ImageService, name: string, caller: ImageCaller): Promise<ImageInfo> {
  const [image, another] = await images.named(name, caller);
  if (!image) throw noSuchImage();
  if (another) {
    throw new Fault('conflict', `Multiple matches found for '${name}', use an ID to be more specific.`);
  }
  return image;
}

const noSuchImage = (): Fault =>
  new Fault('badRequest', 'Invalid image identifier or unable to access requested image.');
