import type { Filter, Refusal } from './filters/filter.js';
import type { PlacementRequest } from './placement-request.js';
import type { PlacementPolicy } from './policy.js';
import type { PoolView } from './pool-view.js';
import { hashOf, mix } from './tie-break.js';

export interface RankedPool {
  address: string;
  pool: PoolView;
  weight: number;
  /** What each weigher contributed, multiplied already. */
  weights: Record<string, number>;
}

export interface RefusedPool {
  address: string;
  /** One from each filter that said no. */
  reasons: Refusal[];
}

export interface Ranking {
  /** Best first. */
  ranked: RankedPool[];
  refused: RefusedPool[];
}

/** Where a request could go, best first, and why not elsewhere. The answer to a dry run; pure. */
export function rank(
  request: PlacementRequest,
  pools: readonly PoolView[],
  policy: PlacementPolicy,
): Ranking {
  return {
    ranked: choose(request, pools, policy, pools.length),
    refused: refusals(request, pools, policy.filters),
  };
}

/**
 * The best `limit` pools that pass all filters. Pure and deterministic: equal weights are ordered by a hash of pool and
 * request, so that equal pools fill evenly whichever scheduler places, without a counter to be shared.
 */
export function choose(
  request: PlacementRequest,
  pools: readonly PoolView[],
  { filters, weighers }: PlacementPolicy,
  limit: number,
): RankedPool[] {
  const passing = pools.filter((pool) => passesAll(request, pool, filters));
  const total = new Float64Array(passing.length);
  const columns = weighers.map(({ weigher, multiplier }) => {
    const raw = Float64Array.from(passing, (pool) => weigher.raw(request, pool, multiplier));
    const weights = normalise(raw).map((weight) => weight * multiplier);
    weights.forEach((weight, index) => (total[index]! += weight));
    return { name: weigher.name, weights };
  });
  const salt = hashOf(request.resourceId);
  const ties = Uint32Array.from(passing, (pool) => mix(pool.addressHash ^ salt));
  const before = (a: number, b: number): boolean => {
    if (total[a] !== total[b]) return total[a]! > total[b]!;
    if (ties[a] !== ties[b]) return ties[a]! < ties[b]!;
    return passing[a]!.state.address < passing[b]!.state.address;
  };
  return first(limit, passing.length, before).map((index) => ({
    address: passing[index]!.state.address,
    pool: passing[index]!,
    weight: total[index]!,
    weights: Object.fromEntries(columns.map(({ name, weights }) => [name, weights[index]!])),
  }));
}

/** Why each pool that cannot be chosen cannot. */
export function refusals(
  request: PlacementRequest,
  pools: readonly PoolView[],
  filters: readonly Filter[],
): RefusedPool[] {
  return pools.flatMap((pool) => {
    const reasons = filters.flatMap((filter) => {
      const verdict = filter.judge(request, pool);
      return verdict.passes ? [] : [{ filter: filter.name, ...verdict.explain() }];
    });
    return reasons.length === 0 ? [] : [{ address: pool.state.address, reasons }];
  });
}

function passesAll(request: PlacementRequest, pool: PoolView, filters: readonly Filter[]): boolean {
  for (const filter of filters) if (!filter.judge(request, pool).passes) return false;
  return true;
}

/**
 * Stretches figures to 0..1. When all are equal they say nothing, and are 0. An infinite one counts as a little more
 * than the largest finite one, so that it does not flatten the others.
 */
function normalise(raw: Float64Array): Float64Array {
  let least = Infinity;
  let most = -Infinity;
  let unbounded = false;
  for (const figure of raw) {
    if (figure === Infinity) unbounded = true;
    else {
      if (figure < least) least = figure;
      if (figure > most) most = figure;
    }
  }
  if (most === -Infinity) return raw.fill(0);
  const ceiling = unbounded ? most + 1 : most;
  const span = ceiling - least;
  return raw.map((figure) => (span === 0 ? 0 : (Math.min(figure, ceiling) - least) / span));
}

/** The first `limit` of the numbers below `count`, in order. For a small limit far cheaper than to sort them all. */
function first(limit: number, count: number, before: (a: number, b: number) => boolean): number[] {
  const indices = Array.from({ length: count }, (_, index) => index);
  if (limit >= count) return indices.sort((a, b) => (before(a, b) ? -1 : 1));
  const best: number[] = [];
  for (const index of indices) {
    if (best.length === limit && !before(index, best[limit - 1]!)) continue;
    if (best.length === limit) best.pop();
    let at = best.length;
    while (at > 0 && before(index, best[at - 1]!)) at--;
    best.splice(at, 0, index);
  }
  return best;
}
