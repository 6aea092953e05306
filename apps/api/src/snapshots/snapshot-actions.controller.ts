import { HttpCode, Inject, Post } from '@nestjs/common';
import { ActionDispatcher } from '../actions/action-dispatcher.js';
import { TheCall, type Call } from '../frame/call.js';
import { Resource } from '../frame/resource.decorator.js';

/** Injection token of the dispatcher of `POST /snapshots/{id}/action`. */
export const SNAPSHOT_ACTIONS = Symbol('scoria.snapshotActions');

@Resource('snapshots')
export class SnapshotActionsController {
  constructor(@Inject(SNAPSHOT_ACTIONS) private readonly actions: ActionDispatcher) {}

  @Post(':id/action')
  @HttpCode(202)
  act(@TheCall() call: Call): Promise<unknown> {
    return this.actions.dispatch(call);
  }
}
