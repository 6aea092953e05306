import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Fault } from '@scoria/domain';
import {
  insertAttachment,
  lockAttachmentsOf,
  lockVolume,
  releaseHold,
  useAttachment,
  type LockedAttachment,
  type LockedVolume,
  type Tx,
} from '@scoria/store';
import { Action } from '../../actions/action.decorator.js';
import type { Call } from '../../frame/call.js';
import { Mutations, type Outcome } from '../../mutations/mutations.js';
import { readObject } from '../../validation/read-body.js';
import { AttachBody } from '../attachment-bodies.js';
import { attachMode } from '../connector.js';

/** os-attach: who uses the volume, after os-initialize_connection or without it (cinder-map §3.2). */
@Injectable()
export class AttachActions {
  constructor(@Inject(Mutations) private readonly mutations: Mutations) {}

  @Action('os-attach')
  attach(call: Call, id: string, value: unknown): Promise<string | undefined> {
    const body = readObject(call, 'os-attach', value, AttachBody);
    const target = targetOf(body);
    return this.mutations.mutate(call, (tx) => this.begin(tx, call, id, body, target));
  }

  private async begin(tx: Tx, call: Call, id: string, body: AttachBody, target: Target): Promise<Outcome> {
    const volume = await lockVolume(tx, id, call.scope);
    const attachments = await lockAttachmentsOf(tx, id);
    if (attachments.some((attachment) => isAttachedTo(attachment, target))) return {};
    checkAttachable(volume, attachments);
    const mode = attachMode(volume, body.mode);
    const attachmentId = attachments.findLast(isIdleConnection)?.id ?? (await this.insert(tx, volume, mode));
    await useAttachment(tx, attachmentId, { ...target, mountpoint: body.mountpoint, mode });
    await releaseHold(tx, id);
    const { projectId } = volume;
    return { events: [{ type: 'attachment.attach', resourceId: attachmentId, projectId }] };
  }

  private async insert(tx: Tx, volume: LockedVolume, mode: 'rw' | 'ro'): Promise<string> {
    const id = randomUUID();
    await insertAttachment(tx, {
      id,
      volumeId: volume.id,
      projectId: volume.projectId,
      instanceUuid: null,
      mode,
      legacy: true,
    });
    return id;
  }
}

interface Target {
  instanceUuid: string | null;
  hostName: string | null;
}

/** A server or a host, not both and not neither. */
function targetOf({ instance_uuid: instance, host_name: host }: AttachBody): Target {
  const instanceUuid = instance ?? null;
  const hostName = host === '' ? null : (host ?? null);
  if ((instanceUuid === null) === (hostName === null)) {
    throw new Fault(
      'badRequest',
      'Invalid request to attach volume to an invalid target: give either instance_uuid or host_name.',
    );
  }
  return { instanceUuid, hostName };
}

function isAttachedTo({ status, instanceUuid, attachedHost }: LockedAttachment, target: Target): boolean {
  if (status !== 'attached') return false;
  return target.instanceUuid === null
    ? instanceUuid === null && attachedHost === target.hostName
    : instanceUuid === target.instanceUuid;
}

/** Exported by os-initialize_connection and not yet used by anybody. */
const isIdleConnection = ({ legacy, status, operationId }: LockedAttachment): boolean =>
  legacy && status === 'reserved' && operationId === null;

function checkAttachable(volume: LockedVolume, attachments: readonly LockedAttachment[]): void {
  const { status, hold, multiattach, operationId } = volume;
  const reserved = status === 'attaching' && hold === 'reserve';
  const used = attachments.some((attachment) => !isIdleConnection(attachment));
  const free = status === 'available' || reserved || (status === 'in-use' && multiattach);
  if (operationId === null && free && (multiattach || !used)) return;
  throw new Fault(
    'badRequest',
    `Invalid volume: Volume status must be available, in-use (multiattach) or reserved by os-reserve to attach, ` +
      `but the current status is ${status}.`,
  );
}
