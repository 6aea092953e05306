import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable } from '@nestjs/common';
import { Fault } from '@scoria/domain';
import type { Connector } from '@scoria/exports';
import { connectAttachment } from '@scoria/operations';
import {
  lockAttachment,
  lockAttachmentsOf,
  lockVolume,
  settleVolumeStatus,
  type LockedAttachment,
  type LockedVolume,
  type Tx,
} from '@scoria/store';
import type { Call } from '../frame/call.js';
import { Mutations, type Outcome } from '../mutations/mutations.js';
import { AwaitedOperations } from '../operations/awaited-operations.js';
import { invalid, readBody } from '../validation/read-body.js';
import { AttachmentAnswers } from './attachment-answers.js';
import { UpdateAttachmentBody } from './attachment-bodies.js';
import { Connections } from './connections.js';
import { attachMode, readConnector } from './connector.js';

interface Pending {
  operationId: string;
}

/** `PUT /attachments/{id}`: exports the volume to a host (cinder-map §3.2). */
@Injectable()
export class UpdateAttachment {
  constructor(
    @Inject(Mutations) private readonly mutations: Mutations,
    @Inject(Connections) private readonly connections: Connections,
    @Inject(AttachmentAnswers) private readonly answers: AttachmentAnswers,
    @Inject(AwaitedOperations) private readonly operations: AwaitedOperations,
  ) {}

  run(call: Call, id: string): Promise<string | undefined> {
    const body = readBody(call, 'attachment', UpdateAttachmentBody);
    const connector = readConnector(body.connector);
    if (!connector) throw invalid('connector', body.connector, '{} does not have enough properties');
    return this.mutations.mutate<Pending>(call, (tx) => this.begin(tx, call, id, connector), {
      after: async ({ operationId }) => {
        await this.operations.succeed(call, operationId);
        return { status: 200, body: await this.answers.attachment(call, id), secret: true };
      },
    });
  }

  private async begin(tx: Tx, call: Call, id: string, connector: Connector): Promise<Outcome<Pending>> {
    const attachment = await lockAttachment(tx, id, call.scope);
    if (attachment.operationId !== null) return join(attachment, connector);
    const volume = await lockVolume(tx, attachment.volumeId, null);
    checkConnectable(volume);
    await refuseSecondConnection(tx, volume, attachment, connector);
    // What was asked for at the creation is not widened by a connector.
    const mode = attachMode(volume, attachment.mode === 'ro' ? 'ro' : (connector.mode ?? attachment.mode));
    const due = await this.connections.connect(tx, call, attachment, volume, { connector, mode });
    await settleVolumeStatus(tx, volume.id);
    return { due: [due], pending: { operationId: due.operationId } };
  }
}

/** The same request again waits for the first; another one must wait for its turn. */
function join(attachment: LockedAttachment, connector: Connector): Outcome<Pending> {
  const same = isDeepStrictEqual(attachment.connector, connector);
  if (attachment.operationKind === connectAttachment.kind && same) {
    return { pending: { operationId: attachment.operationId! } };
  }
  throw new Fault('conflict', `Attachment ${attachment.id} is busy with another request.`, { retryAfter: 1 });
}

function checkConnectable(volume: LockedVolume): void {
  const unfinished = volume.status === 'creating' || volume.status === 'downloading' || volume.pool === null;
  if (!volume.status.startsWith('error') && !unfinished) return;
  throw new Fault(
    'conflict',
    'Invalid volume: Volume attachments can not be updated in this state. ' +
      `The Volume ${volume.id} currently has a status of: ${volume.status}`,
  );
}

/**
 * A volume for one server may have two attachments while the server moves, on two hosts. Two on one host would be two
 * writers.
 */
async function refuseSecondConnection(
  tx: Tx,
  volume: LockedVolume,
  attachment: LockedAttachment,
  connector: Connector,
): Promise<void> {
  if (volume.multiattach || volume.attachments < 2) return;
  const others = (await lockAttachmentsOf(tx, volume.id)).filter(({ id }) => id !== attachment.id);
  const clash = others.find(
    (other) =>
      (other.hasConnection || other.operationId !== null) && other.connector?.host === connector.host,
  );
  if (!clash) return;
  throw new Fault(
    'conflict',
    `Invalid volume: volume ${volume.id} is already connected to host ${String(connector.host)}.`,
  );
}
