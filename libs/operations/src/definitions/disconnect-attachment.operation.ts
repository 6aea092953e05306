import { operation } from './operation-builder.js';

export interface DisconnectAttachmentInput {
  volumeId: string;
}

/** Removes the attachment's export, then the attachment. */
export const disconnectAttachment = operation<DisconnectAttachmentInput>('attachment.disconnect', 1, {
  deadlineSeconds: 3600,
  cancel: 'never',
  again: 'DELETE /v3/{project_id}/attachments/{id}',
})
  .step('unexport', { at: 'backend', attempts: 10 })
  .define();
