import type { StepRegistry } from '@scoria/operations';
import type { Database, Tx } from '@scoria/store';
import type { PlacementPolicy } from '../policy.js';
import type { PoolStates } from '../pool-states.js';

/** What the steps of the scheduler work with. */
export interface StepDeps {
  database: Database;
  pools: PoolStates;
  policy: PlacementPolicy;
}

export type Steps = StepRegistry<Tx>;
