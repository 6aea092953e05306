import { Inject, Injectable } from '@nestjs/common';
import { Fault } from '@scoria/domain';
import { VOLUMES, changeVolume, lockVolume, type VolumeChanges } from '@scoria/store';
import type { Call } from '../frame/call.js';
import { Lists } from '../lists/lists.js';
import { Mutations } from '../mutations/mutations.js';
import { descriptionOf } from '../validation/described-body.js';
import { invalid, readBody } from '../validation/read-body.js';
import { UpdateVolumeBody } from './volume-bodies.js';
import { volumeUpdated } from './volume-updated.js';

/** `PUT /volumes/{id}`: name, description, metadata. */
@Injectable()
export class UpdateVolume {
  constructor(
    @Inject(Mutations) private readonly mutations: Mutations,
    @Inject(Lists) private readonly lists: Lists,
  ) {}

  run(call: Call, id: string): Promise<string | undefined> {
    const changes = changesOf(readBody(call, 'volume', UpdateVolumeBody));
    if (Object.keys(changes).length === 0 && call.supports('3.53')) {
      throw invalid('volume', {}, '{} does not have enough properties');
    }
    return this.mutations.mutate(call, async (tx) => {
      const volume = await lockVolume(tx, id, call.scope);
      if (volume.status === 'maintenance') {
        throw new Fault(
          'badRequest',
          'Invalid volume: the volume cannot be updated while it is in maintenance.',
        );
      }
      const changed = Object.keys(changes);
      if (changed.length > 0) await changeVolume(tx, id, changes);
      return {
        status: 200,
        body: await this.lists.show(call, VOLUMES, 'volume', id, { tx, shape: 'created' }),
        events: changed.length > 0 ? [volumeUpdated(volume, changed)] : [],
      };
    });
  }
}

function changesOf(body: UpdateVolumeBody): VolumeChanges {
  return {
    ...descriptionOf(body),
    ...(body.metadata === undefined ? {} : { metadata: body.metadata }),
  };
}
