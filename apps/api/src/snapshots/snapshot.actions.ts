import { Inject, Injectable } from '@nestjs/common';
import { Fault } from '@scoria/domain';
import { changeSnapshot, lockOperationOf, lockSnapshot, requestCancel } from '@scoria/store';
import { Action } from '../actions/action.decorator.js';
import type { Call } from '../frame/call.js';
import { Mutations } from '../mutations/mutations.js';
import { invalid, readObject } from '../validation/read-body.js';
import { DeleteSnapshot } from './delete-snapshot.js';
import { ResetSnapshotStatusBody, UpdateSnapshotStatusBody } from './snapshot-bodies.js';

/** Statuses at rest: the only ones that a request may set by itself. */
const RESETTABLE = ['available', 'error', 'error_deleting'];

@Injectable()
export class SnapshotActions {
  constructor(
    @Inject(Mutations) private readonly mutations: Mutations,
    @Inject(DeleteSnapshot) private readonly deleteSnapshot: DeleteSnapshot,
  ) {}

  /** A live operation is asked to stop and undo; without one the status is set. */
  @Action('os-reset_status')
  resetStatus(call: Call, id: string, value: unknown): Promise<string | undefined> {
    const { status } = readObject(call, 'os-reset_status', value, ResetSnapshotStatusBody);
    if (!RESETTABLE.includes(status)) throw invalid('status', status, 'it is not a status to reset to');
    return this.mutations.mutate(call, async (tx) => {
      await lockOperationOf(tx, 'snapshots', id);
      const snapshot = await lockSnapshot(tx, id, call.scope);
      if (snapshot.operationId !== null) {
        return { due: await requestCancel(tx, snapshot.operationId) };
      }
      await changeSnapshot(tx, id, { status });
      return { events: [{ type: 'snapshot.reset_status', resourceId: id, projectId: snapshot.projectId }] };
    });
  }

  @Action('os-force_delete')
  forceDelete(call: Call, id: string): Promise<string | undefined> {
    return this.deleteSnapshot.run(call, id, { force: true });
  }

  /**
   * Nova reports the progress of snapshots that it takes itself, on file-based backends. Here volume services take all
   * of them, so that there is never one to report on.
   */
  @Action('os-update_snapshot_status')
  updateStatus(call: Call, id: string, value: unknown): Promise<string | undefined> {
    readObject(call, 'os-update_snapshot_status', value, UpdateSnapshotStatusBody);
    return this.mutations.mutate(call, async (tx) => {
      const { status } = await lockSnapshot(tx, id, call.scope);
      throw new Fault(
        'badRequest',
        `Invalid snapshot: its status (${status}) is not the client's to change.`,
      );
    });
  }
}
