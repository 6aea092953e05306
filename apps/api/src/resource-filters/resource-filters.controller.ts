import { Get } from '@nestjs/common';
import { ATTACHMENTS, MESSAGES, SNAPSHOTS, TYPES, VOLUMES, type ResourceView } from '@scoria/store';
import { TheCall, type Call } from '../frame/call.js';
import { Resource } from '../frame/resource.decorator.js';
import { Since } from '../microversion/since.decorator.js';
import { POOL_FILTERS } from '../pools/pool-filters.js';

/** Spellings that are taken and not told. */
const ALIASES = new Set(['display_name']);

/** What tenants may filter by, from the views themselves. */
const FILTERS: readonly { resource: string; filters: readonly string[] }[] = [
  { resource: 'volume', filters: filtersOf(VOLUMES) },
  { resource: 'snapshot', filters: filtersOf(SNAPSHOTS) },
  { resource: 'attachment', filters: filtersOf(ATTACHMENTS) },
  { resource: 'message', filters: filtersOf(MESSAGES) },
  { resource: 'volume_type', filters: filtersOf(TYPES) },
  { resource: 'pool', filters: POOL_FILTERS },
];

function filtersOf(view: ResourceView): string[] {
  return Object.entries(view.filters)
    .filter(([key, { everybody }]) => everybody && !ALIASES.has(key))
    .map(([key]) => key);
}

/** `/resource_filters` (cinder-map §8.3). */
@Resource('resource_filters')
@Since('3.33')
export class ResourceFiltersController {
  @Get()
  list(@TheCall() call: Call): object {
    const wanted = [call.query.resource].flat().at(-1);
    return {
      resource_filters: FILTERS.filter(({ resource }) => wanted === undefined || resource === wanted),
    };
  }
}
