import { Delete, Get, HttpCode, Inject, Post, Put } from '@nestjs/common';
import { Fault } from '@scoria/domain';
import { TYPES, findTypeId } from '@scoria/store';
import { ActionDispatcher } from '../actions/action-dispatcher.js';
import { TheCall, type Call } from '../frame/call.js';
import { API_DEPS, type ApiDeps } from '../frame/deps.js';
import { Resource } from '../frame/resource.decorator.js';
import { Lists } from '../lists/lists.js';
import { TypeChangesService } from './type-changes.js';
import { TypeList } from './type-list.js';

/** Injection token of the dispatcher of `POST /types/{id}/action`. */
export const TYPE_ACTIONS = Symbol('scoria.typeActions');

/** `/types` (cinder-map §1.6). */
@Resource('types')
export class TypesController {
  constructor(
    @Inject(API_DEPS) private readonly deps: ApiDeps,
    @Inject(Lists) private readonly lists: Lists,
    @Inject(TypeList) private readonly types: TypeList,
    @Inject(TypeChangesService) private readonly changes: TypeChangesService,
    @Inject(TYPE_ACTIONS) private readonly actions: ActionDispatcher,
  ) {}

  @Get()
  list(@TheCall() call: Call): Promise<string> {
    return this.types.run(call);
  }

  @Get('default')
  async default(@TheCall() call: Call): Promise<string> {
    const id = await findTypeId(this.deps.database, this.deps.config.api.defaultVolumeType);
    if (id === undefined) throw new Fault('notFound', 'Default volume type can not be found.');
    return this.lists.show(call, TYPES, 'volume_type', id);
  }

  @Get(':id')
  show(@TheCall() call: Call): Promise<string> {
    return this.lists.show(call, TYPES, 'volume_type', call.uuid('id', TYPES.kind));
  }

  @Post()
  @HttpCode(200)
  create(@TheCall() call: Call): Promise<string | undefined> {
    return this.changes.create(call);
  }

  @Put(':id')
  update(@TheCall() call: Call): Promise<string | undefined> {
    return this.changes.update(call, call.uuid('id', TYPES.kind));
  }

  @Delete(':id')
  @HttpCode(202)
  remove(@TheCall() call: Call): Promise<string | undefined> {
    return this.changes.remove(call, call.uuid('id', TYPES.kind));
  }

  @Post(':id/action')
  @HttpCode(202)
  act(@TheCall() call: Call): Promise<unknown> {
    return this.actions.dispatch(call);
  }
}
