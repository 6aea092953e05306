import type { PlacementRequest } from '../placement-request.js';
import type { PoolView } from '../pool-view.js';

/** A pure figure of one pool. */
export interface Weigher {
  /** Cinder's class name. */
  readonly name: string;
  /**
   * More is better where `multiplier` is positive. Infinity stands for "more than any other". Only differences between
   * pools count: the figures are stretched to 0..1 and then multiplied.
   */
  raw(request: PlacementRequest, pool: PoolView, multiplier: number): number;
}
