import { Inject, Injectable } from '@nestjs/common';
import { Fault, SNAPSHOT_ALLOWED_FROM, VOLUME_ALLOWED_FROM, isAllowed } from '@scoria/domain';
import { deleteVolume } from '@scoria/operations';
import {
  beginCascade,
  beginVolumeOperation,
  insertOperation,
  lockOperationOf,
  lockSnapshotsOf,
  lockVolume,
  removeVolume,
  requestCancel,
  type LockedVolume,
  type NewEvent,
  type Tx,
} from '@scoria/store';
import type { Call } from '../frame/call.js';
import { Mutations, type Outcome } from '../mutations/mutations.js';
import { backendOfPool } from './backend-of-pool.js';

export interface DeleteOptions {
  /** Take the snapshots along. */
  cascade: boolean;
  /** Whatever the status; still not while attached or with snapshots. */
  force: boolean;
}

const REQUIREMENTS =
  'Invalid volume: Volume status must be available or error or error_deleting or error_extending and must not be ' +
  'migrating, attached, belong to a group, have snapshots, awaiting a transfer, or be disassociated from snapshots ' +
  'after volume transfer.';

/** `DELETE /volumes/{id}` and os-force_delete (cinder-map §3.2). */
@Injectable()
export class DeleteVolume {
  constructor(@Inject(Mutations) private readonly mutations: Mutations) {}

  run(call: Call, id: string, options: DeleteOptions): Promise<string | undefined> {
    return this.mutations.mutate(call, (tx) => this.begin(tx, call, id, options));
  }

  private async begin(tx: Tx, call: Call, id: string, options: DeleteOptions): Promise<Outcome> {
    if (options.force) await lockOperationOf(tx, 'volumes', id);
    const volume = await lockVolume(tx, id, call.scope);
    if (options.force && volume.operationKind === deleteVolume.kind) return {};
    if (options.force && volume.operationId !== null) {
      return { due: await requestCancel(tx, volume.operationId), fault: stillStopping() };
    }
    check(volume, options);
    const cascade = options.cascade && volume.snapshots > 0;
    if (cascade) await checkSnapshots(tx, call, id);
    if (volume.pool === null) {
      // It was never placed: there is nothing anywhere but the row.
      await removeVolume(tx, id);
      return { events: [deletedAtOnce(volume)] };
    }
    const due = await insertOperation(tx, {
      definition: deleteVolume,
      resourceType: 'volume',
      resourceId: id,
      input: { cascade },
      backend: backendOfPool(volume.pool),
      context: call.context,
      projectId: volume.projectId,
      tells: { cascade },
    });
    await beginVolumeOperation(tx, id, 'deleting', due.operationId);
    if (cascade) await beginCascade(tx, id, due.operationId);
    return { due: [due] };
  }
}

const deletedAtOnce = ({ id, projectId, name, size }: LockedVolume): NewEvent => ({
  type: 'volume.delete.end',
  resourceId: id,
  projectId,
  payload: { status: 'deleted', name, size },
});

function check(volume: LockedVolume, { cascade, force }: DeleteOptions): void {
  const allowed =
    volume.operationId === null && (force || isAllowed(VOLUME_ALLOWED_FROM.delete, volume.status));
  const free = volume.attachments === 0 && (cascade || volume.snapshots === 0);
  if (!allowed || !free) throw new Fault('badRequest', REQUIREMENTS);
}

async function checkSnapshots(tx: Tx, call: Call, volumeId: string): Promise<void> {
  const snapshots = await lockSnapshotsOf(tx, volumeId);
  const busy = snapshots.some(({ status }) => !isAllowed(SNAPSHOT_ALLOWED_FROM.delete, status));
  const foreign = snapshots.some(({ projectId }) => call.scope !== null && projectId !== call.scope);
  if (busy || foreign) throw new Fault('badRequest', REQUIREMENTS);
}

/** A status under a live operation is never overwritten: the operation undoes what it did and then ends. */
const stillStopping = (): Fault =>
  new Fault('conflict', 'An operation is running and has been asked to stop. Try again when it has.', {
    retryAfter: 1,
  });
