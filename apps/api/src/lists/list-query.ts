import { Fault } from '@scoria/domain';
import type { FilterWish, ResourceView, SortWish } from '@scoria/store';
import type { Call } from '../frame/call.js';
import { declareGate } from '../microversion/gates.js';

declareGate('3.2', 'lists: the filter bootable is strictly boolean');
declareGate('3.31', 'lists: unknown filters are refused');
declareGate('3.34', 'lists: inexact filters');
declareGate('3.45', 'lists: with_count');

export interface ListQuery {
  limit: number;
  offset: number;
  marker: string | undefined;
  sort: SortWish[];
  filters: FilterWish[];
  withCount: boolean;
  allTenants: boolean;
  /** A filter that no row can meet, as Cinder has it for an administrator's unknown keys. */
  nothing: boolean;
}

/** Keys of a query that are not filters. */
const RESERVED = new Set([
  'limit',
  'offset',
  'marker',
  'sort',
  'sort_key',
  'sort_dir',
  'with_count',
  'all_tenants',
]);
const MAX_OFFSET = 2 ** 31 - 1;
export const MAX_FILTER_VALUES = 100;

/** Reads paging, order and filters (cinder-map §8.2, §8.3). */
export function readListQuery(call: Call, view: ResourceView, maxLimit: number): ListQuery {
  const allTenants = call.context.isAdmin && call.flag('all_tenants');
  const { filters, nothing } = readFilters(call, view);
  return {
    limit: Math.min(readInteger(call, 'limit', Number.MAX_SAFE_INTEGER) ?? maxLimit, maxLimit),
    offset: readInteger(call, 'offset', MAX_OFFSET) ?? 0,
    marker: single(call, 'marker'),
    sort: readSort(call, view),
    filters,
    nothing,
    withCount: call.supports('3.45') && call.flag('with_count'),
    allTenants,
  };
}

export function single(call: Call, key: string): string | undefined {
  const value = call.query[key];
  return Array.isArray(value) ? value.at(-1) : value;
}

export function readInteger(call: Call, key: string, max: number): number | undefined {
  const value = single(call, key);
  if (value === undefined) return undefined;
  if (!/^\d{1,15}$/.test(value))
    throw new Fault('badRequest', `${key} must be an integer that is not negative.`);
  if (Number(value) > max) throw new Fault('badRequest', `${key} must not be greater than ${max}.`);
  return Number(value);
}

export function readSort(call: Call, view: ResourceView): SortWish[] {
  const sort = single(call, 'sort');
  const key = single(call, 'sort_key');
  const direction = single(call, 'sort_dir');
  if (sort !== undefined && (key !== undefined || direction !== undefined)) {
    throw new Fault(
      'badRequest',
      "The 'sort_key' and 'sort_dir' parameters are deprecated and cannot be used with the 'sort' parameter.",
    );
  }
  const wishes =
    sort === undefined
      ? [[key?.trim() || 'created_at', direction?.trim() || 'desc']]
      : sort.split(',').map((part) => {
          const [name, way] = part.trim().split(':', 2);
          return [name!.trim(), way?.trim() ?? 'desc'];
        });
  // The list is as long as the client likes, and each key is work for the database.
  if (new Set(wishes.map(([name]) => name)).size < wishes.length)
    throw new Fault('badRequest', 'Invalid sort: each key may be named once.');
  return wishes.map(([name, way]) => {
    const known = Object.hasOwn(view.sortKeys, name!) ? view.sortKeys[name!] : undefined;
    if (!known || (known.since ?? 0) > call.minor)
      throw new Fault('badRequest', `Invalid sort key: ${name!.slice(0, 64)}`);
    if (way !== 'asc' && way !== 'desc') {
      throw new Fault('badRequest', 'Invalid sort direction: it must be asc or desc.');
    }
    return { key: name!, direction: way };
  });
}

/**
 * Before 3.31 keys that the caller may not filter by are dropped; from 3.31 they are refused. An administrator may use
 * every column; a key that is none matches no row.
 */
function readFilters(call: Call, view: ResourceView): { filters: FilterWish[]; nothing: boolean } {
  const { isAdmin } = call.context;
  const filters: FilterWish[] = [];
  const refused: string[] = [];
  let nothing = false;
  for (const [rawKey, value] of Object.entries(call.query)) {
    if (RESERVED.has(rawKey)) continue;
    const inexact = call.supports('3.34') && rawKey.endsWith('~');
    const key = inexact ? rawKey.slice(0, -1) : rawKey;
    const filter = Object.hasOwn(view.filters, key) ? view.filters[key] : undefined;
    const known = filter !== undefined && (filter.since ?? 0) <= call.minor;
    if (known && (isAdmin || (filter.everybody && !inexact))) {
      const values = Array.isArray(value) ? value : [value];
      if (values.length > MAX_FILTER_VALUES)
        throw new Fault('badRequest', `Too many values for filter ${key}.`);
      filters.push({ key, values, inexact });
    } else if (isAdmin) nothing = true;
    else refused.push(rawKey);
  }
  if (refused.length > 0 && call.supports('3.31')) {
    throw new Fault(
      'badRequest',
      `Invalid filters ${refused.join(', ').slice(0, 200)} are found in query options.`,
    );
  }
  return { filters, nothing };
}
