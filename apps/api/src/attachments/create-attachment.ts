import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Fault } from '@scoria/domain';
import {
  insertAttachment,
  lockAttachmentsOf,
  lockVolume,
  settleVolumeStatus,
  type LockedAttachment,
  type LockedVolume,
  type Tx,
} from '@scoria/store';
import type { Call } from '../frame/call.js';
import { Mutations } from '../mutations/mutations.js';
import { AwaitedOperations } from '../operations/awaited-operations.js';
import { readBody } from '../validation/read-body.js';
import { AttachmentAnswers } from './attachment-answers.js';
import { CreateAttachmentBody } from './attachment-bodies.js';
import { Connections } from './connections.js';
import { attachMode, readConnector } from './connector.js';

/** A second attachment for the same server: it moves from one host to another (live migration, evacuation). */
const SAME_SERVER_STATUSES = ['in-use', 'reserved'];

interface Pending {
  attachmentId: string;
  operationId: string;
}

/** `POST /attachments`: reserves the volume and, with a connector, exports it (cinder-map §3.2). */
@Injectable()
export class CreateAttachment {
  constructor(
    @Inject(Mutations) private readonly mutations: Mutations,
    @Inject(Connections) private readonly connections: Connections,
    @Inject(AttachmentAnswers) private readonly answers: AttachmentAnswers,
    @Inject(AwaitedOperations) private readonly operations: AwaitedOperations,
  ) {}

  run(call: Call): Promise<string | undefined> {
    const body = readBody(call, 'attachment', CreateAttachmentBody);
    const connector = readConnector(body.connector);
    return this.mutations.mutate<Pending>(
      call,
      async (tx) => {
        const volume = await lockVolume(tx, body.volume_uuid, call.scope);
        await checkReservable(tx, volume, body.instance_uuid ?? null);
        const attachmentId = randomUUID();
        const mode = attachMode(volume, body.mode, connector?.mode);
        await insertAttachment(tx, {
          id: attachmentId,
          volumeId: volume.id,
          projectId: volume.projectId,
          instanceUuid: body.instance_uuid ?? null,
          mode,
          legacy: false,
        });
        const events = [
          { type: 'attachment.create' as const, resourceId: attachmentId, projectId: volume.projectId },
        ];
        if (!connector) {
          await settleVolumeStatus(tx, volume.id);
          return { status: 200, body: await this.answers.attachment(call, attachmentId, tx), events };
        }
        refuseWithoutData(volume);
        const due = await this.connections.connect(tx, call, { id: attachmentId }, volume, {
          connector,
          mode,
        });
        await settleVolumeStatus(tx, volume.id);
        return { due: [due], events, pending: { attachmentId, operationId: due.operationId } };
      },
      {
        after: async ({ attachmentId, operationId }) => {
          await this.operations.succeed(call, operationId);
          return { status: 200, body: await this.answers.attachment(call, attachmentId), secret: true };
        },
      },
    );
  }
}

/**
 * Whoever comes second finds the volume reserved, or its first attachment. Cinder lets a volume be reserved that still
 * gets its image; then the status says nothing, and the attachments do.
 */
async function checkReservable(tx: Tx, volume: LockedVolume, instanceUuid: string | null): Promise<void> {
  if (volume.status.startsWith('error')) {
    throw new Fault(
      'badRequest',
      'Invalid volume: Volume attachments can not be created if the volume is in an error state. ' +
        `The Volume ${volume.id} currently has a status of: ${volume.status}`,
    );
  }
  const allowed = volume.multiattach ? ['available', 'downloading', 'in-use'] : ['available', 'downloading'];
  if (allowed.includes(volume.status) && (volume.multiattach || volume.attachments === 0)) return;
  const attachments: LockedAttachment[] = instanceUuid === null ? [] : await lockAttachmentsOf(tx, volume.id);
  const moves = attachments.some((attachment) => attachment.instanceUuid === instanceUuid);
  if (moves && SAME_SERVER_STATUSES.includes(volume.status)) return;
  throw new Fault(
    'badRequest',
    `Invalid volume: Volume ${volume.id} status must be ${allowed.join(' or ')} to reserve, ` +
      `but the current status is ${volume.status}.`,
  );
}

/** Until its image is written, a volume may be reserved but not read. */
function refuseWithoutData(volume: LockedVolume): void {
  if (volume.status === 'downloading') {
    throw new Fault('badRequest', `Invalid volume: volume ${volume.id} is still being written.`);
  }
}
