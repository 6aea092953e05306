import { Inject, Injectable } from '@nestjs/common';
import { Fault, VOLUME_ALLOWED_FROM, isAllowed } from '@scoria/domain';
import { extendVolume } from '@scoria/operations';
import { beginVolumeOperation, insertOperation, lockVolume, maxVolumeSize } from '@scoria/store';
import { Action } from '../actions/action.decorator.js';
import type { Call } from '../frame/call.js';
import { declareGate } from '../microversion/gates.js';
import { Mutations } from '../mutations/mutations.js';
import { readObject } from '../validation/read-body.js';
import { ExtendBody } from './action-bodies.js';
import { backendOfPool } from './backend-of-pool.js';

declareGate('3.42', 'os-extend of a volume in use');

/** Quota is taken with `pending_size`, in the same transaction; the pool's claim is the operation's first step. */
@Injectable()
export class ExtendActions {
  constructor(@Inject(Mutations) private readonly mutations: Mutations) {}

  @Action('os-extend')
  extend(call: Call, id: string, value: unknown): Promise<string | undefined> {
    const { new_size: newSize } = readObject(call, 'os-extend', value, ExtendBody);
    return this.mutations.mutate(call, async (tx) => {
      const volume = await lockVolume(tx, id, call.scope);
      const from = call.supports('3.42') ? VOLUME_ALLOWED_FROM.extendAttached : VOLUME_ALLOWED_FROM.extend;
      if (!isAllowed(from, volume.status) || volume.pool === null) {
        throw new Fault(
          'badRequest',
          `Invalid volume: Volume ${id} status must be '${from.join("' or '")}' to extend, currently ${volume.status}.`,
        );
      }
      if (newSize <= volume.size) {
        throw new Fault(
          'badRequest',
          `Invalid input received: New size for extend must be greater than current size. (current: ${volume.size}, extended: ${newSize}).`,
        );
      }
      const limit = await maxVolumeSize(tx, volume.projectId);
      if (limit >= 0 && newSize > limit) {
        throw new Fault(
          'overLimit',
          `Requested volume size ${newSize}G is larger than maximum allowed limit ${limit}G.`,
        );
      }
      const due = await insertOperation(tx, {
        definition: extendVolume,
        resourceType: 'volume',
        resourceId: id,
        input: { newSize, oldSize: volume.size },
        backend: backendOfPool(volume.pool),
        context: call.context,
        projectId: volume.projectId,
        tells: { new_size: newSize },
      });
      await beginVolumeOperation(tx, id, 'extending', due.operationId, newSize);
      return { due: [due] };
    });
  }
}
