import { operation } from './operation-builder.js';

export interface ConnectAttachmentInput {
  volumeId: string;
  /** The client's connector, as validated by the gateway. Also on the attachment's row. */
  connector: Record<string, unknown>;
  /**
   * For whom the export is that the attachment has already. It serves on when this request for another one comes to
   * nothing. Absent for an attachment without an export, and from gateways that did not tell.
   */
  previous?: PreviousConnection;
}

/** What a connect overwrites of an attachment's row. */
export interface PreviousConnection {
  connector: Record<string, unknown>;
  mode: 'rw' | 'ro';
  attachedHost: string | null;
  mountpoint: string | null;
}

/**
 * Makes the attachment's one export and keeps what a host needs to reach it. May be asked for again while it is attached;
 * a failure then changes nothing.
 */
export const connectAttachment = operation<ConnectAttachmentInput>('attachment.connect', 1, {
  deadlineSeconds: 120,
  cancel: 'undo',
  again: 'POST or PUT /v3/{project_id}/attachments with the connector',
})
  .step('export', { at: 'backend', undo: true })
  .define();
