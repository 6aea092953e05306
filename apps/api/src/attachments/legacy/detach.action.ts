import { Inject, Injectable } from '@nestjs/common';
import { Fault } from '@scoria/domain';
import {
  lockAttachmentsOf,
  lockVolume,
  releaseHold,
  unuseAttachment,
  type LockedAttachment,
  type NewEvent,
  type Tx,
} from '@scoria/store';
import { Action } from '../../actions/action.decorator.js';
import type { Call } from '../../frame/call.js';
import { API_DEPS, type ApiDeps } from '../../frame/deps.js';
import { Mutations, type Outcome } from '../../mutations/mutations.js';
import { AwaitedOperations } from '../../operations/awaited-operations.js';
import { readObject } from '../../validation/read-body.js';
import { DetachBody, ForceDetachBody } from '../attachment-bodies.js';
import { Connections } from '../connections.js';
import { refuseWhileServerUsesIt } from '../server-guard.js';

interface Pending {
  operationIds: string[];
}

/** os-detach and os-force_detach (cinder-map §3.2): they return when the export is gone. */
@Injectable()
export class DetachActions {
  constructor(
    @Inject(API_DEPS) private readonly deps: ApiDeps,
    @Inject(Mutations) private readonly mutations: Mutations,
    @Inject(Connections) private readonly connections: Connections,
    @Inject(AwaitedOperations) private readonly operations: AwaitedOperations,
  ) {}

  @Action('os-detach')
  detach(call: Call, id: string, value: unknown): Promise<string | undefined> {
    const body = readObject(call, 'os-detach', value ?? {}, DetachBody);
    return this.run(call, async (tx) => {
      const volume = await lockVolume(tx, id, call.scope);
      if (volume.status === 'maintenance') {
        throw new Fault(
          'badRequest',
          'Invalid volume: it cannot be detached while its status is maintenance.',
        );
      }
      const attachments = await lockAttachmentsOf(tx, id);
      const attachment = chosen(attachments, body.attachment_id ?? null);
      return this.end(tx, call, id, attachment, attachments);
    });
  }

  /** An unknown attachment is 400 here, and success for os-detach (Cinder behaviour). */
  @Action('os-force_detach')
  forceDetach(call: Call, id: string, value: unknown): Promise<string | undefined> {
    const body = readObject(call, 'os-force_detach', value ?? {}, ForceDetachBody);
    return this.run(call, async (tx) => {
      await lockVolume(tx, id, call.scope);
      const attachments = await lockAttachmentsOf(tx, id);
      const attachment = chosen(attachments, body.attachment_id ?? null);
      if (!attachment && body.attachment_id) {
        throw new Fault('badRequest', `Volume attachment ${body.attachment_id} could not be found.`);
      }
      return this.end(tx, call, id, attachment, attachments);
    });
  }

  private run(call: Call, work: (tx: Tx) => Promise<Outcome<Pending>>): Promise<string | undefined> {
    return this.mutations.mutate<Pending>(call, work, {
      after: async ({ operationIds }) => {
        await this.operations.succeed(call, ...operationIds);
        return { status: 202 };
      },
    });
  }

  private async end(
    tx: Tx,
    call: Call,
    volumeId: string,
    attachment: LockedAttachment | undefined,
    all: readonly LockedAttachment[],
  ): Promise<Outcome<Pending>> {
    const events: NewEvent[] = [];
    if (attachment && isShared(attachment, all)) {
      refuseWhileServerUsesIt(this.deps.config, call, attachment);
      await unuseAttachment(tx, attachment.id);
      const { id: resourceId, projectId } = attachment;
      events.push({ type: 'attachment.detach', resourceId, projectId });
      attachment = undefined;
    }
    const begun = attachment && (await this.connections.disconnect(tx, call, attachment));
    if (begun?.fault) return { due: begun.due, fault: begun.fault };
    await releaseHold(tx, volumeId);
    events.push(...(begun?.events ?? []));
    return { due: begun?.due ?? [], events, pending: { operationIds: begun?.operationIds ?? [] } };
  }
}

/** The named one, or the only one. One that is gone already is nothing to detach. */
function chosen(attachments: readonly LockedAttachment[], id: string | null): LockedAttachment | undefined {
  if (id !== null) return attachments.find((attachment) => attachment.id === id);
  const used = attachments.filter(({ legacy, status }) => !(legacy && status === 'reserved'));
  if (used.length > 1) {
    throw new Fault(
      'badRequest',
      'Invalid volume: Detach volume failed: More than one attachment, but no attachment_id provided.',
    );
  }
  return used[0];
}

/** Two servers of one host share its connection: it stays until the second is detached too. */
const isShared = (
  { id, legacy, exported, status }: LockedAttachment,
  all: readonly LockedAttachment[],
): boolean =>
  legacy &&
  exported &&
  status === 'attached' &&
  all.some((other) => other.id !== id && other.legacy && other.status === 'attached' && !other.exported);
