import type { Filter } from './filters/filter.js';
import { shapeOf, type PlacementRequest } from './placement-request.js';
import type { PoolView } from './pool-view.js';

/** Shapes kept for one list of pools; beyond that, all are forgotten. */
const MAX_SHAPES = 256;

type Shortlists = Map<string, readonly PoolView[]>;

/** By filters, then by pools. A list of pools that nobody holds any more takes its shortlists along. */
const kept = new WeakMap<readonly Filter[], WeakMap<readonly PoolView[], Shortlists>>();

/**
 * The pools that pass the filters which look at shapes only. Thousands of requests share a few shapes (zone, volume
 * type), so the answer is kept for as long as `pools` is the same list; see `PoolStates.all`.
 */
export function shortlist(
  request: PlacementRequest,
  pools: readonly PoolView[],
  filters: readonly Filter[],
): readonly PoolView[] {
  const lists = listsOf(pools, filters);
  const shape = shapeOf(request);
  let list = lists.get(shape);
  if (list === undefined) {
    const byShape = filters.filter((filter) => filter.byShape);
    list = pools.filter((pool) => byShape.every((filter) => filter.judge(request, pool).passes));
    if (lists.size >= MAX_SHAPES) lists.clear();
    lists.set(shape, list);
  }
  return list;
}

function listsOf(pools: readonly PoolView[], filters: readonly Filter[]): Shortlists {
  let ofFilters = kept.get(filters);
  if (!ofFilters) kept.set(filters, (ofFilters = new WeakMap()));
  let lists = ofFilters.get(pools);
  if (!lists) ofFilters.set(pools, (lists = new Map() as Shortlists));
  return lists;
}
