import type { PlacementRequest } from '../placement-request.js';
import type { PoolView } from '../pool-view.js';

/** Why a pool cannot be chosen, for two audiences. */
export interface Refusal {
  filter: string;
  /** For the tenant: the same words for every pool refused for this reason, without names of infrastructure. */
  reason: string;
  /** For the operator: this pool's figures. */
  detail: string;
  /** GiB that this pool could still take, where size is the reason. */
  freeGib?: number;
}

/** What a filter says of a pool. Words are only made when somebody asks. */
export type Verdict = { passes: true } | { passes: false; explain(): Omit<Refusal, 'filter'> };

/** A pure question about one pool. */
export interface Filter {
  /** Cinder's class name. */
  readonly name: string;
  /**
   * Whether the answer depends on nothing but the pool's report and service, and the request's shape (see
   * `shapeOf`). Such answers are kept while the pools stay as they are.
   */
  readonly byShape: boolean;
  /** Whether the request asks for anything that a pool could be refused for. Without it: always. */
  concerns?(request: PlacementRequest): boolean;
  judge(request: PlacementRequest, pool: PoolView): Verdict;
}

export const PASSES: Verdict = { passes: true };

/** A refusal in the tenant's words and, behind them, the operator's. */
export function refuses(reason: string, detail: () => string, freeGib?: number): Verdict {
  return {
    passes: false,
    explain: () => ({ reason, detail: detail(), ...(freeGib === undefined ? {} : { freeGib }) }),
  };
}
