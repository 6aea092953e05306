import type { Fault } from '../faults/index.js';
import type { Stage } from '../stage.js';
import type { Act } from '../workload/acts/index.js';

/** One way to run the harness. */
export interface Plan {
  /** As given to `--plan`. */
  name: string;
  what: string;
  storageHosts: number;
  projects: number;
  /** Things that a project does at the same time. */
  hands: number;
  /** What may be inflicted; `--only` chooses among all instead, unless the plan is about these very ones. */
  faults: readonly Fault[];
  fixed?: true;
  acts: readonly Act[];
  /** Requests that must be accepted, far below what is to be expected: a run in which nothing was done finds nothing. */
  leastAccepted: number;
  /** Seconds in which everything must have come to rest after the last fault. */
  convergenceSeconds: number;
  /** Resolves when the last act has ended, and every fault is healed. */
  run(stage: Stage): Promise<void>;
}
