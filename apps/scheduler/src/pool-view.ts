import type { PoolState } from '@scoria/domain';
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
    claimedGib,
    volumeCount,
    service,
  };
}
