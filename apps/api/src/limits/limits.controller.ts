import { Get, Inject } from '@nestjs/common';
import { Fault } from '@scoria/domain';
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

function projectOf(call: Call): string {
  const own = call.context.projectId;
  const asked = call.supports('3.39') ? [call.query.project_id].flat().at(-1) : undefined;
  if (asked === undefined || asked === own) return own;
  if (!call.context.isAdmin) {
    throw new Fault('forbidden', "Policy doesn't allow limits_extension:used_limits to be performed.");
  }
  return asked;
}
