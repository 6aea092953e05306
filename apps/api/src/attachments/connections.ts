import { Inject, Injectable } from '@nestjs/common';
import { Fault } from '@scoria/domain';
import type { Connector } from '@scoria/exports';
import { connectAttachment, disconnectAttachment, type ConnectAttachmentInput } from '@scoria/operations';
import {
  beginConnect,
  beginDisconnect,
  insertOperation,
  removeAttachment,
  requestCancelIfFree,
  type DueOperation,
  type LockedAttachment,
  type LockedVolume,
  type NewEvent,
  type Tx,
} from '@scoria/store';
import type { Call } from '../frame/call.js';
import { API_DEPS, type ApiDeps } from '../frame/deps.js';
import { backendOfPool } from '../volumes/backend-of-pool.js';
import { checkConnector } from './connector.js';
import { refuseWhileServerUsesIt } from './server-guard.js';

/** What the end of an export has come to, within the transaction. */
export interface Disconnecting {
  due: DueOperation[];
  /** Of what was done at once. */
  events?: readonly NewEvent[];
  /** To wait for; none when the row is gone already. */
  operationIds: string[];
  /** The request has to come again, yet what was written stays. */
  fault?: Fault;
}

/** One that this request has just made has no export yet. */
type NewOrLocked = { id: string; exported?: never } | LockedAttachment;

/** Begins the operations that make and end exports. */
@Injectable()
export class Connections {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  /** @throws Fault `badRequest` when the volume has no place yet, or its pool cannot serve the connector */
  async connect(
    tx: Tx,
    call: Call,
    attachment: NewOrLocked,
    volume: Pick<LockedVolume, 'id' | 'pool' | 'projectId'>,
    wish: { connector: Connector; mode: 'rw' | 'ro' },
  ): Promise<DueOperation> {
    if (volume.pool === null)
      throw new Fault('badRequest', `Invalid volume: volume ${volume.id} has no host.`);
    await checkConnector(tx, volume.pool, wish.connector);
    const due = await insertOperation(tx, {
      definition: connectAttachment,
      resourceType: 'attachment',
      resourceId: attachment.id,
      input: { volumeId: volume.id, connector: wish.connector, ...previousOf(attachment) },
      backend: backendOfPool(volume.pool),
      context: call.context,
      projectId: volume.projectId,
      awaited: true,
    });
    await beginConnect(tx, attachment.id, due.operationId, wish);
    return due;
  }

  /**
   * Removes the attachment: at once when nothing is exported, else by an operation. One that runs already is joined. A
   * connection that is still being made is asked to stop first.
   *
   * @throws Fault `conflict` while a server uses it
   */
  async disconnect(tx: Tx, call: Call, attachment: LockedAttachment): Promise<Disconnecting> {
    const { id, volumeId, operationId, pool } = attachment;
    if (attachment.operationKind === disconnectAttachment.kind) {
      return { due: [], operationIds: [operationId!] };
    }
    refuseWhileServerUsesIt(this.deps.config, call, attachment);
    if (operationId !== null) {
      // The connect's commit waits for the volume, which this request has locked.
      const due = await requestCancelIfFree(tx, operationId);
      return { due, operationIds: [], fault: stillConnecting() };
    }
    if (!attachment.exported) {
      await removeAttachment(tx, id);
      return { due: [], operationIds: [], events: [removed(attachment)] };
    }
    const due = await insertOperation(tx, {
      definition: disconnectAttachment,
      resourceType: 'attachment',
      resourceId: id,
      input: { volumeId },
      backend: backendOfPool(pool!),
      context: call.context,
      projectId: attachment.projectId,
      awaited: true,
    });
    await beginDisconnect(tx, id, due.operationId);
    return { due: [due], operationIds: [due.operationId] };
  }
}

/** What a repeated connect has to leave as it was when it fails. */
function previousOf(attachment: NewOrLocked): Pick<ConnectAttachmentInput, 'previous'> {
  if (!attachment.exported || attachment.connector === null) return {};
  const { connector, mode, attachedHost, mountpoint } = attachment;
  return { previous: { connector, mode, attachedHost, mountpoint } };
}

const removed = ({ id, projectId, volumeId }: LockedAttachment): NewEvent => ({
  type: 'attachment.disconnect.end',
  resourceId: id,
  projectId,
  payload: { status: 'deleted', volume_id: volumeId },
});

const stillConnecting = (): Fault =>
  new Fault('conflict', 'The connection is still being made. Try again when that has stopped.', {
    retryAfter: 1,
  });
