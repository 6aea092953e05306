import { Inject, Injectable } from '@nestjs/common';
import { CLIENT_HELD_STATUSES, Fault, OPERATION_STATUSES, REST_STATUSES, isAllowed } from '@scoria/domain';
import {
  lockOperationOf,
  lockVolume,
  requestCancel,
  resetVolumeStatus,
  type LockedVolume,
} from '@scoria/store';
import { Action } from '../actions/action.decorator.js';
import type { Call } from '../frame/call.js';
import { Mutations } from '../mutations/mutations.js';
import { invalid, readObject } from '../validation/read-body.js';
import { ResetStatusBody } from './action-bodies.js';
import { DeleteVolume } from './delete-volume.js';

/** Statuses that an administrator may ask for: those at rest, and `in-use` for a volume that is. */
const RESETTABLE: readonly string[] = [...REST_STATUSES, 'in-use'];
const NO_MIGRATION: readonly unknown[] = [null, 'none', 'None', ''];

@Injectable()
export class AdminActions {
  constructor(
    @Inject(Mutations) private readonly mutations: Mutations,
    @Inject(DeleteVolume) private readonly deleteVolume: DeleteVolume,
  ) {}

  /**
   * Cinder overwrites the status and leaves the work behind it as it is. Here a live operation is asked to stop and undo
   * instead, which leaves a status at rest; without one the status is set, and a transitional one is refused.
   */
  @Action('os-reset_status')
  resetStatus(call: Call, id: string, value: unknown): Promise<string | undefined> {
    const body = readObject(call, 'os-reset_status', value, ResetStatusBody);
    refuseUnknown(body, value);
    return this.mutations.mutate(call, async (tx) => {
      await lockOperationOf(tx, 'volumes', id);
      const volume = await lockVolume(tx, id, call.scope);
      if (volume.operationId !== null) {
        return { due: await requestCancel(tx, volume.operationId) };
      }
      refuseContradiction(body, volume);
      if (typeof body.status !== 'string') return {};
      await resetVolumeStatus(tx, id, body.status);
      return { events: [{ type: 'volume.reset_status', resourceId: id, projectId: volume.projectId }] };
    });
  }

  @Action('os-force_delete')
  forceDelete(call: Call, id: string): Promise<string | undefined> {
    return this.deleteVolume.run(call, id, { cascade: false, force: true });
  }
}

function refuseUnknown(body: ResetStatusBody, value: unknown): void {
  const { status = null, attach_status: attachStatus = null, migration_status: migration = null } = body;
  if (status === null && attachStatus === null && migration === null) {
    throw invalid(
      'os-reset_status',
      value,
      'it needs at least one of status, attach_status and migration_status',
    );
  }
  if (status !== null && !isAllowed(RESETTABLE, status)) {
    const known = isAllowed([...OPERATION_STATUSES, ...CLIENT_HELD_STATUSES], status);
    throw invalid(
      'status',
      status,
      known ? 'only work that is done can bring it about' : 'it is not a status to reset to',
    );
  }
  if (!NO_MIGRATION.includes(migration)) {
    throw invalid('migration_status', migration, 'no volume migrates');
  }
}

/** A status that the attachments contradict would only be found wrong later. */
function refuseContradiction(body: ResetStatusBody, volume: LockedVolume): void {
  const attached = volume.attachments > 0;
  const attachStatus = body.attach_status ?? null;
  if (body.status === 'in-use' && !attached) {
    throw new Fault('badRequest', 'Invalid volume: a volume without attachments cannot be in-use.');
  }
  if (attachStatus !== null && (attachStatus === 'attached') !== attached) {
    throw new Fault(
      'badRequest',
      'Invalid volume: attach_status follows from the attachments; remove or make those.',
    );
  }
}
