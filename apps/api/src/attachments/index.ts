import type { Provider, Type } from '@nestjs/common';
import { ATTACHMENTS } from '@scoria/store';
import { ActionDispatcher } from '../actions/action-dispatcher.js';
import { declareViewGates } from '../lists/view-gates.js';
import { AwaitedOperations } from '../operations/awaited-operations.js';
import { AttachmentAnswers } from './attachment-answers.js';
import { ATTACHMENT_ACTIONS, AttachmentsController } from './attachments.controller.js';
import { ChapSecrets } from './chap-secrets.js';
import { CompleteAttachmentActions } from './complete.action.js';
import { Connections } from './connections.js';
import { CreateAttachment } from './create-attachment.js';
import { DeleteAttachment } from './delete-attachment.js';
import { AttachActions } from './legacy/attach.action.js';
import { ConnectionActions } from './legacy/connection.action.js';
import { DetachActions } from './legacy/detach.action.js';
import { HoldActions } from './legacy/hold.action.js';
import { UpdateAttachment } from './update-attachment.js';

declareViewGates(ATTACHMENTS);

/** The families of volume actions by which clients attach without the attachments API. */
export const LEGACY_ATTACH_ACTIONS: Type[] = [HoldActions, ConnectionActions, AttachActions, DetachActions];

export const ATTACHMENT_CONTROLLERS: Type[] = [AttachmentsController];

export const ATTACHMENT_PROVIDERS: Provider[] = [
  AwaitedOperations,
  ChapSecrets,
  AttachmentAnswers,
  Connections,
  CreateAttachment,
  UpdateAttachment,
  DeleteAttachment,
  CompleteAttachmentActions,
  ...LEGACY_ATTACH_ACTIONS,
  {
    provide: ATTACHMENT_ACTIONS,
    inject: [CompleteAttachmentActions],
    useFactory: (...providers: object[]) =>
      new ActionDispatcher('POST /attachments/:id/action', ATTACHMENTS.kind, providers),
  },
];
