import { Get, Inject } from '@nestjs/common';
import { absoluteLimits } from '@scoria/store';
import { TheCall, type Call } from '../frame/call.js';
import { API_DEPS, type ApiDeps } from '../frame/deps.js';
import { Resource } from '../frame/resource.decorator.js';
import { declareGate } from '../microversion/gates.js';

declareGate('3.39', 'GET /limits?project_id');

/** `/limits` (cinder-map §1.9). There are no rate limits. */
@Resource('limits')
export class LimitsController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Get()
  async show(@TheCall() call: Call): Promise<string> {
    return `{"limits":${await absoluteLimits(this.deps.database, projectOf(call))}}`;
  }
}

/** From 3.39 an administrator may name another project, in either of two ways; what others name is dropped (Cinder behaviour). */
function projectOf(call: Call): string {
  const named = call.context.isAdmin && call.supports('3.39') ? call.query : {};
  return [named.project_id ?? named.tenant_id].flat().at(-1) ?? call.context.projectId;
}
