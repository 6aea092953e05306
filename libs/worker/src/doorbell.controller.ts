import { Controller } from '@nestjs/common';
import { HandleCast, MessageContext } from '@scoria/bus';
import { Doorbell, doorbell } from '@scoria/contracts';
import { OperationWorker } from './operation-worker.js';

/** Hears doorbells. They are acknowledged at once: from here on the operation's row and its lease carry the work. */
@Controller()
export class DoorbellController {
  constructor(private readonly worker: OperationWorker) {}

  @HandleCast(doorbell)
  async hear(bell: Doorbell, context: MessageContext): Promise<void> {
    this.worker.ring(context.queue, bell.operationId);
  }
}
