import { Inject, Injectable } from '@nestjs/common';
import { Fault, SNAPSHOT_ALLOWED_FROM, isAllowed } from '@scoria/domain';
import { deleteSnapshot } from '@scoria/operations';
import {
  beginSnapshotDelete,
  insertOperation,
  lockOperationOf,
  lockSnapshot,
  requestCancel,
  type Tx,
} from '@scoria/store';
import type { Call } from '../frame/call.js';
import { Mutations, type Outcome } from '../mutations/mutations.js';
import { backendOfPool } from '../volumes/backend-of-pool.js';

/** `DELETE /snapshots/{id}` and os-force_delete. */
@Injectable()
export class DeleteSnapshot {
  constructor(@Inject(Mutations) private readonly mutations: Mutations) {}

  run(call: Call, id: string, { force }: { force: boolean }): Promise<string | undefined> {
    return this.mutations.mutate(call, (tx) => this.begin(tx, call, id, force));
  }

  private async begin(tx: Tx, call: Call, id: string, force: boolean): Promise<Outcome> {
    if (force) await lockOperationOf(tx, 'snapshots', id);
    const snapshot = await lockSnapshot(tx, id, call.scope);
    if (force && snapshot.status === 'deleting') return {};
    if (force && snapshot.operationId !== null) {
      return {
        due: await requestCancel(tx, snapshot.operationId),
        fault: new Fault('conflict', 'An operation is running and has been asked to stop.', {
          retryAfter: 1,
        }),
      };
    }
    if (!isAllowed(SNAPSHOT_ALLOWED_FROM.delete, snapshot.status)) {
      throw new Fault(
        'badRequest',
        `Invalid snapshot: Snapshot status must be one of ${SNAPSHOT_ALLOWED_FROM.delete.join(', ')}, currently ${snapshot.status}.`,
      );
    }
    const due = await insertOperation(tx, {
      definition: deleteSnapshot,
      resourceType: 'snapshot',
      resourceId: id,
      input: { volumeId: snapshot.volumeId },
      backend: backendOfPool(snapshot.pool!),
      context: call.context,
      projectId: snapshot.projectId,
    });
    await beginSnapshotDelete(tx, id, due.operationId);
    return { due: [due] };
  }
}
