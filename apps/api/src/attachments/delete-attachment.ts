import { Inject, Injectable } from '@nestjs/common';
import { lockAttachment, settleVolumeStatus } from '@scoria/store';
import type { Call } from '../frame/call.js';
import { Mutations } from '../mutations/mutations.js';
import { AwaitedOperations } from '../operations/awaited-operations.js';
import { AttachmentAnswers } from './attachment-answers.js';
import { Connections } from './connections.js';

interface Pending {
  volumeId: string;
  operationIds: string[];
}

/** `DELETE /attachments/{id}`: answers what attachments the volume still has (cinder-map §1.3). */
@Injectable()
export class DeleteAttachment {
  constructor(
    @Inject(Mutations) private readonly mutations: Mutations,
    @Inject(Connections) private readonly connections: Connections,
    @Inject(AttachmentAnswers) private readonly answers: AttachmentAnswers,
    @Inject(AwaitedOperations) private readonly operations: AwaitedOperations,
  ) {}

  run(call: Call, id: string): Promise<string | undefined> {
    return this.mutations.mutate<Pending>(
      call,
      async (tx) => {
        const attachment = await lockAttachment(tx, id, call.scope);
        const { due, operationIds, events, fault } = await this.connections.disconnect(tx, call, attachment);
        if (fault) return { due, fault };
        await settleVolumeStatus(tx, attachment.volumeId);
        return {
          due,
          ...(events ? { events } : {}),
          pending: { volumeId: attachment.volumeId, operationIds },
        };
      },
      {
        after: async ({ volumeId, operationIds }) => {
          await this.operations.succeed(call, ...operationIds);
          return { status: 200, body: await this.answers.remaining(call, volumeId) };
        },
      },
    );
  }
}
