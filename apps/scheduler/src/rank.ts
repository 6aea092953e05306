import type { Filter, Refusal } from './filters/filter.js';
import { firstInOrder } from './first-in-order.js';
import type { PlacementRequest } from './placement-request.js';
import type { PlacementPolicy } from './policy.js';
import type { PoolView } from './pool-view.js';
import { shortlist } from './shortlist.js';
import { hashOf, mix } from './tie-break.js';
import { sumOf, weigh } from './weighing.js';

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
  const passing = passingPools(request, pools, filters);
  const columns = weigh(request, passing, weighers);
  const total = sumOf(columns, passing.length);
  const salt = hashOf(request.resourceId);
  const before = (a: number, b: number): boolean => {
    if (total[a] !== total[b]) return total[a]! > total[b]!;
    const one = passing[a]!;
    const other = passing[b]!;
    const tie = mix(one.addressHash ^ salt) - mix(other.addressHash ^ salt);
    return tie === 0 ? one.state.address < other.state.address : tie < 0;
  };
  return firstInOrder(limit, passing.length, before).map((index) => ({
    address: passing[index]!.state.address,
    pool: passing[index]!,
    weight: total[index]!,
    weights: Object.fromEntries(columns.map(({ name, weights }) => [name, weights[index]!])),
  }));
}

/** Whether a pool would do, were its service not silent. Silence passes: with a restart, or when a report comes again. */
export function silentOnly(
  request: PlacementRequest,
  pools: readonly PoolView[],
  filters: readonly Filter[],
): boolean {
  return pools.some(
    (pool) => pool.service === 'down' && passes(request, { ...pool, service: 'up' }, filters),
  );
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

function passingPools(
  request: PlacementRequest,
  pools: readonly PoolView[],
  filters: readonly Filter[],
): PoolView[] {
  const others = filters.filter(({ byShape, concerns }) => !byShape && (concerns?.(request) ?? true));
  const passing: PoolView[] = [];
  for (const pool of shortlist(request, pools, filters)) {
    if (passes(request, pool, others)) passing.push(pool);
  }
  return passing;
}

function passes(request: PlacementRequest, pool: PoolView, filters: readonly Filter[]): boolean {
  for (const filter of filters) if (!filter.judge(request, pool).passes) return false;
  return true;
}
