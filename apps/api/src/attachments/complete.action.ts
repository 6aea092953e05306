import { Inject, Injectable } from '@nestjs/common';
import { Fault } from '@scoria/domain';
import { completeAttachment, lockAttachment, settleVolumeStatus } from '@scoria/store';
import { Action } from '../actions/action.decorator.js';
import type { Call } from '../frame/call.js';
import { Mutations } from '../mutations/mutations.js';

@Injectable()
export class CompleteAttachmentActions {
  constructor(@Inject(Mutations) private readonly mutations: Mutations) {}

  /** The server has it. Cinder checks no state; here an attachment that is going away stays on its way. */
  @Action('os-complete', { since: '3.44' })
  complete(call: Call, id: string): Promise<string | undefined> {
    return this.mutations.mutate(call, async (tx) => {
      const { status, volumeId, projectId } = await lockAttachment(tx, id, call.scope);
      if (status === 'detaching') throw new Fault('conflict', `Attachment ${id} is being removed.`);
      await completeAttachment(tx, id);
      await settleVolumeStatus(tx, volumeId);
      return { status: 204, events: [{ type: 'attachment.attach', resourceId: id, projectId }] };
    });
  }
}
