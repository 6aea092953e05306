import { Fault } from '@scoria/domain';
import type { FilterWish, ResourceView } from '@scoria/store';
import type { Call } from '../frame/call.js';
import { MAX_FILTER_VALUES, readInteger, readSort, single, type ListQuery } from './list-query.js';

/** Keys of a query that are not filters. */
const RESERVED = new Set(['limit', 'marker', 'sort', 'all_projects']);

/**
 * Reads the query of a list under `/scoria/v1`: the same whatever the microversion, and nothing is dropped in silence.
 *
 * @throws Fault `badRequest` for a key that is none, or not the caller's; `forbidden` for others' rows
 */
export function readOwnListQuery(call: Call, view: ResourceView, maxLimit: number): ListQuery {
  const allTenants = call.flag('all_projects');
  if (allTenants && !call.context.isAdmin) {
    throw new Fault('forbidden', 'all_projects is for administrators.');
  }
  return {
    limit: Math.min(readInteger(call, 'limit', Number.MAX_SAFE_INTEGER) ?? maxLimit, maxLimit),
    offset: 0,
    marker: single(call, 'marker'),
    sort: readSort(call, view),
    filters: readFilters(call, view),
    withCount: false,
    allTenants,
    nothing: false,
  };
}

function readFilters(call: Call, { filters }: ResourceView): FilterWish[] {
  return Object.entries(call.query)
    .filter(([key]) => !RESERVED.has(key))
    .map(([key, value]) => {
      const filter = Object.hasOwn(filters, key) ? filters[key] : undefined;
      if (!filter) throw new Fault('badRequest', `${key.slice(0, 64)} is not known to this list.`);
      if (!filter.everybody && !call.context.isAdmin)
        throw new Fault('badRequest', `The filter ${key} is for administrators.`);
      const values = Array.isArray(value) ? value : [value];
      if (values.length > MAX_FILTER_VALUES)
        throw new Fault('badRequest', `Too many values for filter ${key}.`);
      return { key, values, inexact: false };
    });
}
