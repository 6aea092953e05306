import { Get, Inject, Put } from '@nestjs/common';
import { quotaClass, setQuotaClass } from '@scoria/store';
import { TheCall, type Call } from '../frame/call.js';
import { API_DEPS, type ApiDeps } from '../frame/deps.js';
import { Resource } from '../frame/resource.decorator.js';
import { Mutations } from '../mutations/mutations.js';
import { readLimits, refuseUnknownResources } from './quota-body.js';
import { withId } from './with-id.js';

/** `/os-quota-class-sets`: the class `default` holds what projects without limits of their own get. */
@Resource('os-quota-class-sets')
export class QuotaClassesController {
  constructor(
    @Inject(API_DEPS) private readonly deps: ApiDeps,
    @Inject(Mutations) private readonly mutations: Mutations,
  ) {}

  @Get(':id')
  async show(@TheCall() call: Call): Promise<string> {
    const name = call.param('id');
    const set = await quotaClass(this.deps.database, name, call.scope);
    return `{"quota_class_set":${withId(name, set)}}`;
  }

  @Put(':id')
  update(@TheCall() call: Call): Promise<string | undefined> {
    const name = call.param('id');
    const limits = readLimits(call, 'quota_class_set');
    return this.mutations.mutate(call, async (tx) => {
      await refuseUnknownResources(tx, limits);
      await setQuotaClass(tx, name, limits);
      return {
        status: 200,
        body: `{"quota_class_set":${await quotaClass(tx, name, call.scope)}}`,
        events: [
          { type: 'quota.class_update', resourceId: null, projectId: null, payload: { class: name, limits } },
        ],
      };
    });
  }
}
