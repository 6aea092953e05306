import { Get, Inject } from '@nestjs/common';
import { Fault } from '@scoria/domain';
import { listPoolsAsJson } from '@scoria/store';
import { TheCall, type Call } from '../frame/call.js';
import { API_DEPS, type ApiDeps } from '../frame/deps.js';
import { Resource } from '../frame/resource.decorator.js';
import { declareGate } from '../microversion/gates.js';
import { POOL_FILTERS } from './pool-filters.js';

declareGate('3.28', 'GET /scheduler-stats/get_pools: filters');

/** `/scheduler-stats` (cinder-map §1.13). */
@Resource('scheduler-stats')
export class PoolsController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Get('get_pools')
  async list(@TheCall() call: Call): Promise<string> {
    const { name = null, ...capabilities } = filtersOf(call);
    const pools = await listPoolsAsJson(this.deps.database, {
      detail: call.flag('detail'),
      downSeconds: this.deps.config.scheduler.serviceDownSeconds,
      name,
      capabilities,
    });
    return `{"pools":${pools}}`;
  }
}

/**
 * From 3.28 by name or by any capability, from 3.31 by what is listed alone, for administrators too (Cinder behaviour).
 *
 * @throws Fault `badRequest`
 */
function filtersOf(call: Call): Record<string, string> {
  if (!call.supports('3.28')) return {};
  const wishes = Object.entries(call.query).filter(([key]) => key !== 'detail');
  const refused = wishes.map(([key]) => key).filter((key) => !POOL_FILTERS.includes(key));
  if (call.supports('3.31') && refused.length > 0) {
    throw new Fault(
      'badRequest',
      `Invalid filters ${refused.join(', ').slice(0, 200)} are found in query options.`,
    );
  }
  return Object.fromEntries(wishes.map(([key, value]) => [key, [value].flat().at(-1)!]));
}
