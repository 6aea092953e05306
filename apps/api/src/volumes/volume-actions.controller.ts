import { HttpCode, Inject, Post } from '@nestjs/common';
import { ActionDispatcher } from '../actions/action-dispatcher.js';
import { TheCall, type Call } from '../frame/call.js';
import { Resource } from '../frame/resource.decorator.js';

/** Injection token of the dispatcher of `POST /volumes/{id}/action`. */
export const VOLUME_ACTIONS = Symbol('scoria.volumeActions');

@Resource('volumes')
export class VolumeActionsController {
  constructor(@Inject(VOLUME_ACTIONS) private readonly actions: ActionDispatcher) {}

  @Post(':id/action')
  @HttpCode(202)
  act(@TheCall() call: Call): Promise<unknown> {
    return this.actions.dispatch(call);
  }
}
