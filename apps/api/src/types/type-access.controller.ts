import { Get, Inject } from '@nestjs/common';
import { Fault } from '@scoria/domain';
import { TYPES, listTypeAccess } from '@scoria/store';
import { TheCall, type Call } from '../frame/call.js';
import { API_DEPS, type ApiDeps } from '../frame/deps.js';
import { Resource } from '../frame/resource.decorator.js';

@Resource('types/:id/os-volume-type-access')
export class TypeAccessController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Get()
  async list(@TheCall() call: Call): Promise<string> {
    const items = await listTypeAccess(this.deps.database, call.uuid('id', TYPES.kind));
    if (items === null) throw new Fault('notFound', 'Access list not available for public volume types.');
    return `{"volume_type_access":${items}}`;
  }
}
