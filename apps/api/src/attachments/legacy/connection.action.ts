import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable } from '@nestjs/common';
import { Fault } from '@scoria/domain';
import type { Connector } from '@scoria/exports';
import { connectAttachment } from '@scoria/operations';
import {
  insertAttachment,
  lockAttachmentsOf,
  lockVolume,
  releaseHold,
  settleVolumeStatus,
  type LockedAttachment,
  type NewEvent,
  type LockedVolume,
  type Tx,
} from '@scoria/store';
import { Action } from '../../actions/action.decorator.js';
import type { Call } from '../../frame/call.js';
import { Mutations, type Outcome } from '../../mutations/mutations.js';
import { AwaitedOperations } from '../../operations/awaited-operations.js';
import { invalid, readObject } from '../../validation/read-body.js';
import { AttachmentAnswers } from '../attachment-answers.js';
import { InitializeConnectionBody, TerminateConnectionBody } from '../attachment-bodies.js';
import { Connections } from '../connections.js';
import { attachMode, readConnector } from '../connector.js';

/** Nothing is exported while there is nothing to export, or soon will not be. */
const CLOSED_STATUSES = ['creating', 'downloading', 'deleting', 'maintenance'];

interface Connecting {
  attachmentId: string;
  operationId: string;
}

interface Terminating {
  operationIds: string[];
}

/**
 * Connections without the attachments API. Each is an attachment of its own, so that every export has one owner: one per
 * volume and host, which os-attach then puts to use.
 */
@Injectable()
export class ConnectionActions {
  constructor(
    @Inject(Mutations) private readonly mutations: Mutations,
    @Inject(Connections) private readonly connections: Connections,
    @Inject(AttachmentAnswers) private readonly answers: AttachmentAnswers,
    @Inject(AwaitedOperations) private readonly operations: AwaitedOperations,
  ) {}

  @Action('os-initialize_connection')
  initialize(call: Call, id: string, value: unknown): Promise<string | undefined> {
    const body = readObject(call, 'os-initialize_connection', value, InitializeConnectionBody);
    const connector = readConnector(body.connector);
    if (!connector) throw invalid('connector', body.connector, 'it says nothing');
    return this.mutations.mutate<Connecting>(call, (tx) => this.begin(tx, call, id, connector), {
      after: async ({ attachmentId, operationId }) => {
        await this.operations.succeed(call, operationId);
        return { status: 200, body: await this.answers.connection(call, attachmentId), secret: true };
      },
    });
  }

  @Action('os-terminate_connection')
  terminate(call: Call, id: string, value: unknown): Promise<string | undefined> {
    const body = readObject(call, 'os-terminate_connection', value, TerminateConnectionBody);
    const connector = readConnector(body.connector);
    return this.mutations.mutate<Terminating>(call, (tx) => this.end(tx, call, id, connector), {
      after: async ({ operationIds }) => {
        await this.operations.succeed(call, ...operationIds);
        return { status: 202 };
      },
    });
  }

  private async begin(tx: Tx, call: Call, id: string, connector: Connector): Promise<Outcome<Connecting>> {
    const volume = await lockVolume(tx, id, call.scope);
    if (CLOSED_STATUSES.includes(volume.status)) throw closed(volume);
    const known = (await lockAttachmentsOf(tx, id)).find((attachment) => isOf(attachment, connector));
    if (known?.operationId) return joinOrRefuse(known, connector);
    const mode = attachMode(volume, connector.mode);
    const attachmentId = known?.id ?? randomUUID();
    if (!known) {
      await insertAttachment(tx, {
        id: attachmentId,
        volumeId: id,
        projectId: volume.projectId,
        instanceUuid: null,
        mode,
        legacy: true,
      });
    }
    const due = await this.connections.connect(tx, call, known ?? { id: attachmentId }, volume, {
      connector,
      mode,
    });
    return { due: [due], pending: { attachmentId, operationId: due.operationId } };
  }

  /** Ends the host's connection, or all of them without a connector; then an os-unreserve (Cinder behaviour). */
  private async end(
    tx: Tx,
    call: Call,
    id: string,
    connector: Connector | undefined,
  ): Promise<Outcome<Terminating>> {
    const volume = await lockVolume(tx, id, call.scope);
    const connections = (await lockAttachmentsOf(tx, id)).filter(
      (attachment) =>
        attachment.legacy &&
        attachment.connector !== null &&
        (connector === undefined || isOf(attachment, connector)),
    );
    const due = [];
    const operationIds = [];
    const events: NewEvent[] = [];
    for (const attachment of connections) {
      const begun = await this.connections.disconnect(tx, call, attachment);
      due.push(...begun.due);
      if (begun.fault) return { due, fault: begun.fault };
      operationIds.push(...begun.operationIds);
      events.push(...(begun.events ?? []));
    }
    if (volume.hold === 'reserve') await releaseHold(tx, id);
    else await settleVolumeStatus(tx, id);
    return { due, events, pending: { operationIds } };
  }
}

/** Hosts are told apart by what their protocol calls them, else by name. */
function isOf({ legacy, connector }: LockedAttachment, wanted: Connector): boolean {
  if (!legacy || connector === null) return false;
  const key = wanted.initiator === undefined ? 'host' : 'initiator';
  return connector[key] === wanted[key];
}

function joinOrRefuse(known: LockedAttachment, connector: Connector): Outcome<Connecting> {
  const { id, operationId, operationKind } = known;
  if (operationKind === connectAttachment.kind && isDeepStrictEqual(known.connector, connector)) {
    return { pending: { attachmentId: id, operationId: operationId! } };
  }
  throw new Fault('conflict', 'The connection is busy with another request.', { retryAfter: 1 });
}

const closed = ({ status }: LockedVolume): Fault =>
  new Fault('badRequest', `Invalid volume: it cannot be connected while its status is ${status}.`);
