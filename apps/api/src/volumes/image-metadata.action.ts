import { Inject, Injectable } from '@nestjs/common';
import { Fault, MAX_IMAGE_METADATA, MAX_METADATA_ITEMS, imageMetadataFits } from '@scoria/domain';
import { changeVolume, lockVolume, readImageMetadata } from '@scoria/store';
import { Action } from '../actions/action.decorator.js';
import type { Call } from '../frame/call.js';
import { API_DEPS, type ApiDeps } from '../frame/deps.js';
import { Mutations } from '../mutations/mutations.js';
import { readObject } from '../validation/read-body.js';
import { SetImageMetadataBody, UnsetImageMetadataBody } from './action-bodies.js';
import { volumeUpdated } from './volume-updated.js';

/** What is known of the image a volume was made from. */
@Injectable()
export class ImageMetadataActions {
  constructor(
    @Inject(API_DEPS) private readonly deps: ApiDeps,
    @Inject(Mutations) private readonly mutations: Mutations,
  ) {}

  @Action('os-show_image_metadata')
  async show(call: Call, id: string): Promise<object> {
    const metadata = await readImageMetadata(this.deps.database, id, call.scope);
    call.respondWith(200);
    return { metadata };
  }

  @Action('os-set_image_metadata')
  set(call: Call, id: string, value: unknown): Promise<string | undefined> {
    const { metadata } = readObject(call, 'os-set_image_metadata', value, SetImageMetadataBody);
    return this.mutations.mutate(call, async (tx) => {
      const volume = await lockVolume(tx, id, call.scope);
      const imageMetadata = { ...(await readImageMetadata(tx, id, call.scope)), ...metadata };
      if (!imageMetadataFits(imageMetadata)) {
        throw new Fault(
          'badRequest',
          `More than ${MAX_METADATA_ITEMS} metadata items, or ${MAX_IMAGE_METADATA} characters of them, are not allowed.`,
        );
      }
      await changeVolume(tx, id, { imageMetadata });
      return {
        status: 200,
        body: { metadata: imageMetadata },
        events: [volumeUpdated(volume, ['image_metadata'])],
      };
    });
  }

  @Action('os-unset_image_metadata')
  unset(call: Call, id: string, value: unknown): Promise<string | undefined> {
    const { key } = readObject(call, 'os-unset_image_metadata', value, UnsetImageMetadataBody);
    return this.mutations.mutate(call, async (tx) => {
      const volume = await lockVolume(tx, id, call.scope);
      const imageMetadata = await readImageMetadata(tx, id, call.scope);
      if (!Object.hasOwn(imageMetadata, key)) {
        throw new Fault('notFound', `Metadata item was not found: ${key}`);
      }
      const rest = Object.entries(imageMetadata).filter(([name]) => name !== key);
      await changeVolume(tx, id, { imageMetadata: Object.fromEntries(rest) });
      return { status: 200, events: [volumeUpdated(volume, ['image_metadata'])] };
    });
  }
}
