import { operation } from './operation-builder.js';

export interface ConnectAttachmentInput {
  volumeId: string;
  /** The client's connector, as validated by the gateway. Also on the attachment's row. */
  connector: Record<string, unknown>;
}

/** Makes the attachment's one export and keeps what a host needs to reach it. */
export const connectAttachment = operation<ConnectAttachmentInput>('attachment.connect', 1, {
  deadlineSeconds: 120,
  cancel: 'undo',
  again: 'POST or PUT /v3/{project_id}/attachments with the connector',
})
  .step('export', { at: 'backend', undo: true })
  .define();
