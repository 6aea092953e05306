import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Fault, VOLUME_ALLOWED_FROM, isAllowed } from '@scoria/domain';
import { createSnapshot } from '@scoria/operations';
import { insertOperation, insertSnapshot, lockVolume } from '@scoria/store';
import type { Call } from '../frame/call.js';
import { viewerOf } from '../lists/lists.js';
import { declareGate } from '../microversion/gates.js';
import { Mutations } from '../mutations/mutations.js';
import { descriptionOf } from '../validation/described-body.js';
import { readBody } from '../validation/read-body.js';
import { backendOfPool } from '../volumes/backend-of-pool.js';
import { CreateSnapshotBody } from './snapshot-bodies.js';

declareGate('3.66', 'CreateSnapshotBody.force means nothing');

/** `POST /snapshots` (cinder-map §3.2). */
@Injectable()
export class CreateSnapshot {
  constructor(@Inject(Mutations) private readonly mutations: Mutations) {}

  run(call: Call): Promise<string | undefined> {
    const body = readBody(call, 'snapshot', CreateSnapshotBody);
    const { volume_id: volumeId } = body;
    if (volumeId === null) throw new Fault('notFound', 'Volume None could not be found.');
    const inUse = mayBeInUse(call, body);
    return this.mutations.mutate(call, async (tx) => {
      const volume = await lockVolume(tx, volumeId, call.scope);
      const from = inUse ? VOLUME_ALLOWED_FROM.snapshotForced : VOLUME_ALLOWED_FROM.snapshot;
      if (!isAllowed(from, volume.status) || volume.pool === null) {
        throw new Fault(
          'badRequest',
          `Invalid volume: Volume ${volume.id} status must be ${from.join(' or ')}, but current status is: ${volume.status}.`,
        );
      }
      const id = randomUUID();
      const { name = null, description = null } = descriptionOf(body);
      const due = await insertOperation(tx, {
        definition: createSnapshot,
        resourceType: 'snapshot',
        resourceId: id,
        input: { volumeId: volume.id },
        backend: backendOfPool(volume.pool),
        context: call.context,
        holds: [{ volumeId: volume.id }],
        tells: { name, size: volume.size, volume_id: volume.id },
      });
      const snapshot = {
        id,
        projectId: call.context.projectId,
        userId: call.context.userId,
        volumeId: volume.id,
        volumeSize: volume.size,
        volumeTypeId: volume.volumeTypeId,
        name,
        description,
        metadata: body.metadata ?? {},
        operationId: due.operationId,
      };
      const item = await insertSnapshot(tx, snapshot, viewerOf(call, { name: 'snapshots' }));
      return { body: `{"snapshot":${item}}`, due: [due] };
    });
  }
}

/** From 3.66 a volume in use needs no force, and refusing it is a mistake. */
function mayBeInUse(call: Call, body: CreateSnapshotBody): boolean {
  if (!call.supports('3.66')) return body.force === true;
  if (body.force === false) {
    throw new Fault(
      'badRequest',
      "Invalid value for 'force': since microversion 3.66 snapshots are always forced.",
    );
  }
  return true;
}
