import { Get, HttpCode, Inject, Post } from '@nestjs/common';
import {
  OPERATION_VIEW,
  abandonOperation,
  cancelOperation,
  retryOperation,
  type DueOperation,
  type Tx,
} from '@scoria/store';
import { TheCall, type Call } from '../frame/call.js';
import { API_DEPS, type ApiDeps } from '../frame/deps.js';
import { OwnResource } from '../frame/resource.decorator.js';
import { Lists } from '../lists/lists.js';
import { readOwnListQuery } from '../lists/own-list-query.js';
import { Mutations } from '../mutations/mutations.js';
import { readObject } from '../validation/read-body.js';
import { AbandonBody } from './operation-bodies.js';

type Steer = (tx: Tx, id: string, projectId: string | null) => Promise<DueOperation>;

/** `/scoria/v1/operations`: what is being done, by whom, how far it is; and a hand on it (docs/scoria-api.md). */
@OwnResource('operations')
export class OperationsController {
  constructor(
    @Inject(API_DEPS) private readonly deps: ApiDeps,
    @Inject(Lists) private readonly lists: Lists,
    @Inject(Mutations) private readonly mutations: Mutations,
  ) {}

  @Get()
  list(@TheCall() call: Call): Promise<string> {
    const query = readOwnListQuery(call, OPERATION_VIEW, this.deps.config.api.maxLimit);
    const projectId = query.allTenants ? null : call.context.projectId;
    return this.lists.listAs(call, OPERATION_VIEW, query, projectId, { shape: 'summary' });
  }

  @Get(':id')
  show(@TheCall() call: Call): Promise<string> {
    return this.lists.show(call, OPERATION_VIEW, 'operation', call.uuid('id', OPERATION_VIEW.kind));
  }

  @Post(':id/cancel')
  @HttpCode(202)
  cancel(@TheCall() call: Call): Promise<string | undefined> {
    return this.steer(call, cancelOperation);
  }

  @Post(':id/retry')
  @HttpCode(202)
  retry(@TheCall() call: Call): Promise<string | undefined> {
    return this.steer(call, retryOperation);
  }

  /** Done when it is answered: nobody else is there to do it. */
  @Post(':id/abandon')
  @HttpCode(200)
  abandon(@TheCall() call: Call): Promise<string | undefined> {
    const id = call.uuid('id', OPERATION_VIEW.kind);
    const { reason, forget } = readObject(call, 'body', call.body ?? {}, AbandonBody);
    const { userId, requestId } = call.context;
    const downSeconds = this.deps.config.scheduler.serviceDownSeconds;
    return this.mutations.mutate(call, async (tx) => {
      await abandonOperation(tx, id, { by: `${userId} (${requestId})`, reason, forget, downSeconds });
      return { status: 200, body: await this.lists.show(call, OPERATION_VIEW, 'operation', id, { tx }) };
    });
  }

  private steer(call: Call, steer: Steer): Promise<string | undefined> {
    const id = call.uuid('id', OPERATION_VIEW.kind);
    return this.mutations.mutate(call, async (tx) => {
      const due = await steer(tx, id, call.scope);
      return { body: await this.lists.show(call, OPERATION_VIEW, 'operation', id, { tx }), due: [due] };
    });
  }
}
