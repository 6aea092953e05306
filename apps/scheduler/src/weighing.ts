import type { PlacementRequest } from './placement-request.js';
import type { PlacementPolicy } from './policy.js';
import type { PoolView } from './pool-view.js';

/** What one weigher contributes to each pool, multiplied already. */
export interface WeightColumn {
  name: string;
  weights: Float64Array;
}

/** Weighs pools against each other, one column for each weigher. */
export function weigh(
  request: PlacementRequest,
  pools: readonly PoolView[],
  weighers: PlacementPolicy['weighers'],
): WeightColumn[] {
  return weighers.map(({ weigher, multiplier }) => {
    const weights = new Float64Array(pools.length);
    for (let index = 0; index < pools.length; index++) {
      weights[index] = weigher.raw(request, pools[index]!, multiplier);
    }
    normalise(weights, multiplier);
    return { name: weigher.name, weights };
  });
}

/** The columns' sum for each of `count` pools. */
export function sumOf(columns: readonly WeightColumn[], count: number): Float64Array {
  const total = new Float64Array(count);
  for (const { weights } of columns) {
    for (let index = 0; index < count; index++) total[index]! += weights[index]!;
  }
  return total;
}

/**
 * Stretches figures to 0..`multiplier`, in place. When all are equal they say nothing, and are 0. An infinite one counts
 * as a little more than the largest finite one, so that it does not flatten the others.
 */
function normalise(figures: Float64Array, multiplier: number): void {
  let least = Infinity;
  let most = -Infinity;
  let unbounded = false;
  for (const figure of figures) {
    if (figure === Infinity) unbounded = true;
    else {
      if (figure < least) least = figure;
      if (figure > most) most = figure;
    }
  }
  const ceiling = unbounded ? most + 1 : most;
  const span = ceiling - least;
  // Without a finite figure, `span` is minus infinity.
  if (span <= 0) figures.fill(0);
  else {
    const factor = multiplier / span;
    for (let index = 0; index < figures.length; index++) {
      figures[index] = (Math.min(figures[index]!, ceiling) - least) * factor;
    }
  }
}
