import { Get, Inject } from '@nestjs/common';
import { TYPES, readExtraSpecs } from '@scoria/store';
import { TheCall, type Call } from '../frame/call.js';
import { API_DEPS, type ApiDeps } from '../frame/deps.js';
import { Resource } from '../frame/resource.decorator.js';

/** No type encrypts: Cinder answers such a type with an empty object. */
@Resource('types/:id/encryption')
export class TypeEncryptionController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Get()
  async show(@TheCall() call: Call): Promise<object> {
    const viewer = { projectId: call.scope, isAdmin: call.context.isAdmin };
    await readExtraSpecs(this.deps.database, call.uuid('id', TYPES.kind), viewer);
    return {};
  }
}
