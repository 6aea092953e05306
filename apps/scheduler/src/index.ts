export type { Filter, Refusal, Verdict } from './filters/filter.js';
export { placementRequest, type AffinityHint, type PlacementRequest } from './placement-request.js';
export { placementPolicy, type PlacementPolicy } from './policy.js';
export { poolView, type PoolView } from './pool-view.js';
export { choose, rank, refusals, type RankedPool, type Ranking, type RefusedPool } from './rank.js';
export { createScheduler, type Scheduler, type SchedulerDeps } from './scheduler.js';
export type { Weigher } from './weighers/weigher.js';
