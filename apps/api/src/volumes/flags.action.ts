import { Inject, Injectable } from '@nestjs/common';
import { Fault, VOLUME_ALLOWED_FROM, isAllowed } from '@scoria/domain';
import { changeVolume, lockVolume } from '@scoria/store';
import { Action } from '../actions/action.decorator.js';
import type { Call } from '../frame/call.js';
import { Mutations } from '../mutations/mutations.js';
import { readObject } from '../validation/read-body.js';
import { SetBootableBody, UpdateReadonlyBody } from './action-bodies.js';
import { volumeUpdated } from './volume-updated.js';

@Injectable()
export class FlagActions {
  constructor(@Inject(Mutations) private readonly mutations: Mutations) {}

  @Action('os-set_bootable')
  setBootable(call: Call, id: string, value: unknown): Promise<string | undefined> {
    const { bootable } = readObject(call, 'os-set_bootable', value, SetBootableBody);
    return this.mutations.mutate(call, async (tx) => {
      const volume = await lockVolume(tx, id, call.scope);
      await changeVolume(tx, id, { bootable });
      return { status: 200, events: [volumeUpdated(volume, ['bootable'])] };
    });
  }

  @Action('os-update_readonly_flag')
  updateReadonly(call: Call, id: string, value: unknown): Promise<string | undefined> {
    const { readonly } = readObject(call, 'os-update_readonly_flag', value, UpdateReadonlyBody);
    return this.mutations.mutate(call, async (tx) => {
      const volume = await lockVolume(tx, id, call.scope);
      const { status } = volume;
      if (!isAllowed(VOLUME_ALLOWED_FROM.updateReadonly, status)) {
        throw new Fault(
          'badRequest',
          `Invalid volume: Volume ${id} status must be available to update readonly flag, but current status is: ${status}.`,
        );
      }
      await changeVolume(tx, id, { readonly });
      return { events: [volumeUpdated(volume, ['readonly'])] };
    });
  }
}
