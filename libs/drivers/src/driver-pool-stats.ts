import type { PoolState } from '@scoria/domain';

/**
 * What a driver knows of one pool, measured when asked. The volume service makes a `PoolState` of it: it adds the
 * address, the availability zone, the backend's name, the export's protocol, the health, and what the operator
 * configured for the backend.
 */
export interface DriverPoolStats
  extends
    Pick<
      PoolState,
      | 'poolName'
      | 'totalCapacityGib'
      | 'freeCapacityGib'
      | 'provisionedCapacityGib'
      | 'thinProvisioningSupport'
      | 'thickProvisioningSupport'
      | 'multiattach'
      | 'onlineExtendSupport'
      | 'snapshotsClaimCapacity'
      | 'extra'
    >,
    /** Only from a driver whose storage has a word of its own here: usually the configuration says it. */
    Partial<Pick<PoolState, 'reservedPercentage' | 'maxOverSubscriptionRatio'>> {
  /**
   * The part of `provisionedCapacityGib` that carries names of ours. The rest is foreign; the volume service, which
   * knows the rows, may find more that is foreign.
   */
  ownCapacityGib: number;
}
