import { judgeCapacity, type PoolState } from '@scoria/domain';
import { capabilitiesOf } from './capabilities.js';
import { hashOf } from './tie-break.js';

/** Whether a backend may be given new work. */
export type ServiceCondition = 'up' | 'down' | 'disabled' | 'frozen';

/** One pool as placement sees it. */
export interface PoolView {
  readonly state: PoolState;
  /** The state under Cinder's names. */
  readonly capabilities: Readonly<Record<string, unknown>>;
  readonly addressHash: number;
  /** GiB that claims may reach, for thin and for thick volumes; Infinity without a bound. */
  readonly limits: { readonly thin: number; readonly thick: number };
  /** GiB. */
  readonly claimedGib: number;
  readonly volumeCount: number;
  readonly service: ServiceCondition;
}

export interface PoolUse {
  /** GiB. */
  claimedGib?: number;
  volumeCount?: number;
  service?: ServiceCondition;
}

export function poolView(
  state: PoolState,
  { claimedGib = 0, volumeCount = 0, service = 'up' }: PoolUse = {},
): PoolView {
  return {
    state,
    capabilities: capabilitiesOf(state),
    addressHash: hashOf(state.address),
    limits: { thin: limitGib(state, false), thick: limitGib(state, true) },
    claimedGib,
    volumeCount,
    service,
  };
}

/** What the pool can still promise, GiB. Answers as `judgeCapacity` does, whose sums are made once for each report. */
export function freeGib({ limits, claimedGib }: PoolView, thick: boolean): number {
  return Math.max(0, (thick ? limits.thick : limits.thin) - claimedGib);
}

/**
 * GiB that claims may reach where the pool's row, which knows the limit of thin volumes, would grant more. Nothing is
 * refused for it where the pool's total is unknown: that is for the filter alone to say.
 */
export const strictLimitGib = ({ limits, state }: PoolView, thick: boolean): number =>
  thick && typeof state.totalCapacityGib === 'number' ? limits.thick : Infinity;

const limitGib = (state: PoolState, thick: boolean): number =>
  judgeCapacity(state, 0, { sizeGib: 0, thick }).virtualFreeGib;
