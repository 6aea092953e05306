import { createHash, randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Fault, VOLUME_ALLOWED_FROM, describeError, isAllowed } from '@scoria/domain';
import type { ImageCaller, ImageInfo, ImageService } from '@scoria/images';
import { uploadVolume } from '@scoria/operations';
import {
  beginVolumeOperation,
  insertOperation,
  lockVolume,
  volumeTypeDocument,
  type LockedVolume,
  type Tx,
} from '@scoria/store';
import { Action } from '../actions/action.decorator.js';
import type { Call } from '../frame/call.js';
import { API_DEPS, type ApiDeps } from '../frame/deps.js';
import { Mutations, type Outcome } from '../mutations/mutations.js';
import { readObject } from '../validation/read-body.js';
import { UploadImageBody } from './action-bodies.js';
import { backendOfPool } from './backend-of-pool.js';

/** The image is made with the caller's token while the request lasts; its bytes follow in the operation. */
@Injectable()
export class UploadImageActions {
  constructor(
    @Inject(API_DEPS) private readonly deps: ApiDeps,
    @Inject(Mutations) private readonly mutations: Mutations,
  ) {}

  @Action('os-volume_upload_image')
  async upload(call: Call, id: string, value: unknown): Promise<string | undefined> {
    const body = readObject(call, 'os-volume_upload_image', value, UploadImageBody);
    if (body.visibility === 'public' && !call.context.isAdmin) {
      throw new Fault(
        'forbidden',
        "Policy doesn't allow volume_extension:volume_actions:upload_public to be performed.",
      );
    }
    const { images } = this.deps;
    if (!images) throw new Fault('badRequest', 'No image service is configured.');
    const replayed = await this.mutations.replayIfKnown(call);
    if (replayed) return replayed.body;
    // Looked at before the image is made, and again under the lock.
    await this.deps.database.transaction(async (tx) =>
      this.check(await lockVolume(tx, id, call.scope), body),
    );
    const caller = callerOf(call);
    const keyed = keyedImageId(call);
    const image = await imageFor(images, keyed, body, caller);
    const shared = image.id === keyed;
    try {
      const answer = await this.mutations.mutate(call, (tx) => this.begin(tx, call, id, body, image));
      // Else the same request came through elsewhere meanwhile, with an image of its own.
      if (!answer?.includes(image.id) && !shared) await this.discard(images, image, caller);
      return answer;
    } catch (error) {
      if (!mayBeNeeded(error, shared)) await this.discard(images, image, caller);
      throw error;
    }
  }

  private check(volume: LockedVolume, body: UploadImageBody): void {
    const forced = body.force === true && this.deps.config.api.enableForceUpload;
    const from = forced ? VOLUME_ALLOWED_FROM.uploadForced : VOLUME_ALLOWED_FROM.upload;
    if (!isAllowed(from, volume.status) || volume.pool === null) {
      throw new Fault(
        'badRequest',
        `Invalid volume: Volume ${volume.id} status must be ${from.join(' or ')} to be uploaded, but current status is: ${volume.status}.`,
      );
    }
  }

  private async begin(
    tx: Tx,
    call: Call,
    id: string,
    body: UploadImageBody,
    image: ImageInfo,
  ): Promise<Outcome> {
    const volume = await lockVolume(tx, id, call.scope);
    this.check(volume, body);
    const due = await insertOperation(tx, {
      definition: uploadVolume,
      resourceType: 'volume',
      resourceId: id,
      input: {
        imageId: image.id,
        imageName: image.name,
        diskFormat: image.diskFormat,
        containerFormat: image.containerFormat,
        ...(image.owner === undefined ? {} : { imageOwner: image.owner }),
        ...(body.protected === true ? { protect: true } : {}),
        previousStatus: volume.status,
      },
      backend: backendOfPool(volume.pool!),
      context: call.context,
      projectId: volume.projectId,
      tells: { image_id: image.id },
    });
    await beginVolumeOperation(tx, id, 'uploading', due.operationId);
    const answer = {
      id,
      updated_at: new Date().toISOString().replace('Z', '000'),
      status: 'uploading',
      display_description: volume.description,
      size: volume.size,
      volume_type: await volumeTypeDocument(tx, volume.volumeTypeId),
      image_id: image.id,
      container_format: image.containerFormat,
      disk_format: image.diskFormat,
      image_name: body.image_name,
      ...(call.supports('3.1') ? { visibility: image.visibility, protected: body.protected ?? false } : {}),
    };
    return { body: { 'os-volume_upload_image': answer }, due: [due] };
  }

  /** An image without bytes that nothing will fill. */
  private async discard(images: ImageService, image: ImageInfo, caller: ImageCaller): Promise<void> {
    await images.delete(image.id, caller).catch((error: unknown) => {
      this.deps.logger.warn(
        { imageId: image.id, cause: describeError(error) },
        'an empty image was left behind',
      );
    });
  }
}

/**
 * When the database was lost, this request itself may have been committed, and its operation needs the image: an empty
 * one too many is the lesser evil. One that is `shared` by all requests of a key is also that of the same request, which
 * runs elsewhere, or ran.
 */
const mayBeNeeded = (error: unknown, shared: boolean): boolean =>
  error instanceof Fault &&
  (error.kind === 'unavailable' || (shared && ['conflict', 'unprocessable'].includes(error.kind)));

function callerOf({ context: { projectId, userId, roles }, token }: Call): ImageCaller {
  return { projectId, userId, roles, ...(token === undefined ? {} : { token }) };
}

/**
 * An image without bytes, not protected yet: the operation does that at its end. A request that is repeated under its key
 * finds the one that it made before. But keys may be used again one day: an image that was filled since, or whose id was
 * used up, is another request's.
 */
async function imageFor(
  images: ImageService,
  keyed: string | undefined,
  body: UploadImageBody,
  caller: ImageCaller,
): Promise<ImageInfo> {
  const meta = {
    name: body.image_name,
    diskFormat: body.disk_format ?? 'raw',
    containerFormat: body.container_format ?? 'bare',
    ...(body.visibility === undefined ? {} : { visibility: body.visibility }),
  };
  if (keyed !== undefined) {
    const image = await images.create({ ...meta, id: keyed }, caller).catch((error: unknown) => {
      if (error instanceof Fault && error.kind === 'conflict') return undefined;
      throw error;
    });
    if (image?.status === 'queued') return image;
  }
  return images.create({ ...meta, id: randomUUID() }, caller);
}

/** The id of the image that a request makes under its idempotency key, however often it comes. */
function keyedImageId(call: Call): string | undefined {
  const key = call.header('idempotency-key');
  if (key === undefined) return undefined;
  const hash = createHash('sha256').update(`${call.context.projectId} ${call.path} ${key}`).digest('hex');
  return hash.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5');
}
