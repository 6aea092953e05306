import { Delete, Get, HttpCode, Inject, Post, Put } from '@nestjs/common';
import { ATTACHMENTS } from '@scoria/store';
import { ActionDispatcher } from '../actions/action-dispatcher.js';
import { TheCall, type Call } from '../frame/call.js';
import { Resource } from '../frame/resource.decorator.js';
import { Lists } from '../lists/lists.js';
import { Since } from '../microversion/since.decorator.js';
import { AttachmentAnswers } from './attachment-answers.js';
import { CreateAttachment } from './create-attachment.js';
import { DeleteAttachment } from './delete-attachment.js';
import { UpdateAttachment } from './update-attachment.js';

/** Injection token of the dispatcher of `POST /attachments/{id}/action`. */
export const ATTACHMENT_ACTIONS = Symbol('scoria.attachmentActions');

const KIND = ATTACHMENTS.kind;

/** `/attachments` (cinder-map §1.3). */
@Resource('attachments')
@Since('3.27')
export class AttachmentsController {
  constructor(
    @Inject(Lists) private readonly lists: Lists,
    @Inject(AttachmentAnswers) private readonly answers: AttachmentAnswers,
    @Inject(CreateAttachment) private readonly createAttachment: CreateAttachment,
    @Inject(UpdateAttachment) private readonly updateAttachment: UpdateAttachment,
    @Inject(DeleteAttachment) private readonly deleteAttachment: DeleteAttachment,
    @Inject(ATTACHMENT_ACTIONS) private readonly actions: ActionDispatcher,
  ) {}

  @Get()
  list(@TheCall() call: Call): Promise<string> {
    return this.lists.list(call, ATTACHMENTS, { shape: 'summary' });
  }

  /** Without passwords: a page of them serves nobody. */
  @Get('detail')
  detail(@TheCall() call: Call): Promise<string> {
    return this.lists.list(call, ATTACHMENTS, { shape: 'detail' });
  }

  @Post()
  @HttpCode(200)
  create(@TheCall() call: Call): Promise<string | undefined> {
    return this.createAttachment.run(call);
  }

  @Get(':id')
  show(@TheCall() call: Call): Promise<string> {
    return this.answers.attachment(call, call.uuid('id', KIND));
  }

  @Put(':id')
  update(@TheCall() call: Call): Promise<string | undefined> {
    return this.updateAttachment.run(call, call.uuid('id', KIND));
  }

  @Delete(':id')
  @HttpCode(200)
  remove(@TheCall() call: Call): Promise<string | undefined> {
    return this.deleteAttachment.run(call, call.uuid('id', KIND));
  }

  @Post(':id/action')
  @HttpCode(204)
  act(@TheCall() call: Call): Promise<unknown> {
    return this.actions.dispatch(call);
  }
}
