import { Delete, Get, HttpCode, Inject } from '@nestjs/common';
import { Fault } from '@scoria/domain';
import { MESSAGES, removeMessage } from '@scoria/store';
import { TheCall, type Call } from '../frame/call.js';
import { API_DEPS, type ApiDeps } from '../frame/deps.js';
import { Resource } from '../frame/resource.decorator.js';
import { Lists } from '../lists/lists.js';
import { declareViewGates } from '../lists/view-gates.js';
import { declareGate } from '../microversion/gates.js';
import { Since } from '../microversion/since.decorator.js';
import { Mutations } from '../mutations/mutations.js';

declareViewGates(MESSAGES);
declareGate('3.5', 'GET /messages: paging, order and filters');

/** `/messages`: why something failed, for the tenant (cinder-map §10.3). */
@Resource('messages')
@Since('3.3')
export class MessagesController {
  constructor(
    @Inject(API_DEPS) private readonly deps: ApiDeps,
    @Inject(Lists) private readonly lists: Lists,
    @Inject(Mutations) private readonly mutations: Mutations,
  ) {}

  @Get()
  list(@TheCall() call: Call): Promise<string> {
    if (call.supports('3.5')) return this.lists.list(call, MESSAGES, { shape: 'detail', path: 'messages' });
    const query = {
      limit: this.deps.config.api.maxLimit,
      offset: 0,
      marker: undefined,
      sort: [{ key: 'created_at', direction: 'desc' as const }],
      filters: [],
      withCount: false,
      allTenants: false,
      nothing: false,
    };
    const options = { shape: 'detail' as const, path: 'messages' };
    return this.lists.listAs(call, MESSAGES, query, call.context.projectId, options);
  }

  @Get(':id')
  show(@TheCall() call: Call): Promise<string> {
    return this.lists.show(call, MESSAGES, 'message', call.uuid('id', MESSAGES.kind));
  }

  @Delete(':id')
  @HttpCode(204)
  remove(@TheCall() call: Call): Promise<string | undefined> {
    const id = call.uuid('id', MESSAGES.kind);
    return this.mutations.mutate(call, async (tx) => {
      if (!(await removeMessage(tx, id, call.scope))) {
        throw new Fault('notFound', `${MESSAGES.kind} ${id} could not be found.`);
      }
      return { status: 204 };
    });
  }
}
