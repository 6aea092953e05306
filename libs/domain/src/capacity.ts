import type { Capacity, PoolState } from './pool-state.js';

/**
 * Capacity arithmetic as Cinder's CapacityFilter has it (cinder-map §6.3). All sizes in GiB.
 *
 * The ratio applies only where the pool provisions thinly and the request does not ask for thick.
 */
export interface CapacityRequest {
  sizeGib: number;
  /** Extra spec `provisioning:type=thick`. */
  thick: boolean;
}

export interface CapacityVerdict {
  fits: boolean;
  /** What could still be promised; Infinity where the pool states no bound. */
  virtualFreeGib: number;
  reason: string;
}

type PoolFigures = Pick<
  PoolState,
  | 'totalCapacityGib'
  | 'freeCapacityGib'
  | 'reservedPercentage'
  | 'maxOverSubscriptionRatio'
  | 'thinProvisioningSupport'
  | 'foreignCapacityGib'
  | 'provisionedCapacityGib'
>;

/**
 * The largest sum that claims in this pool may reach, or null where the pool states no bound. Only the part of the
 * pool that others use is subtracted from measurements; what Scoria itself placed is known exactly, from claims.
 */
export function claimLimitGib(pool: PoolFigures): number | null {
  const total = pool.totalCapacityGib;
  if (typeof total !== 'number') return null;
  const reserved = Math.floor((total * pool.reservedPercentage) / 100);
  const available = total - reserved;
  const free = finite(pool.freeCapacityGib);
  if (pool.thinProvisioningSupport) {
    // A thin pool whose physical space has run down to its reserve must not promise more, whatever the ratio says.
    if (free !== undefined && free <= reserved) return 0;
    return atLeastZero(available * pool.maxOverSubscriptionRatio - pool.foreignCapacityGib);
  }
  const own = pool.provisionedCapacityGib - pool.foreignCapacityGib;
  const byMeasure = free === undefined ? Infinity : own + free - reserved;
  return atLeastZero(Math.min(available - pool.foreignCapacityGib, byMeasure));
}

/** Whether a request fits beside `claimedGib`, and how much could still be promised. */
export function judgeCapacity(
  pool: PoolFigures,
  claimedGib: number,
  request: CapacityRequest,
): CapacityVerdict {
  if (pool.thinProvisioningSupport && !request.thick && pool.maxOverSubscriptionRatio < 1) {
    return {
      fits: false,
      virtualFreeGib: 0,
      reason: `over-subscription ratio ${pool.maxOverSubscriptionRatio} is below 1`,
    };
  }
  const limit = claimLimitGib({
    ...pool,
    thinProvisioningSupport: pool.thinProvisioningSupport && !request.thick,
  });
  if (limit === null) {
    const bounded = pool.reservedPercentage > 0;
    return bounded
      ? { fits: false, virtualFreeGib: 0, reason: 'total capacity is unknown but a part of it is reserved' }
      : { fits: true, virtualFreeGib: Infinity, reason: 'capacity is not bounded' };
  }
  const virtualFreeGib = Math.max(0, limit - claimedGib);
  return virtualFreeGib >= request.sizeGib
    ? { fits: true, virtualFreeGib, reason: 'enough capacity' }
    : { fits: false, virtualFreeGib, reason: `${request.sizeGib} GiB asked, ${virtualFreeGib} GiB free` };
}

const finite = (capacity: Capacity): number | undefined =>
  typeof capacity === 'number' ? capacity : undefined;
const atLeastZero = (gib: number): number => Math.max(0, Math.floor(gib + 1e-6));
