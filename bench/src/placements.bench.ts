import { loadConfig } from '@scoria/config';
import type { PoolState } from '@scoria/domain';
import { choose, placementPolicy, placementRequest, poolView, type PoolView } from '@scoria/scheduler';
import type { Figure } from './report.js';

const POOLS = 5000;
const PLACEMENTS = 3000;
const ROUNDS = 3;

/** Choosing among 5,000 pools with the default filters and weighers, against one pass that takes the emptiest. */
export function benchPlacements(): Figure[] {
  const config = loadConfig({
    env: {},
    services: [],
    overrides: { database: { url: 'postgresql://unused/unused' } },
  });
  const policy = placementPolicy(config.scheduler);
  const pools = Array.from({ length: POOLS }, (_, index) =>
    poolView(pool(index), { claimedGib: (index * 37) % 900 }),
  );
  const scoria = best(() => {
    for (let index = 0; index < PLACEMENTS; index++) {
      const request = placementRequest(
        {
          resourceId: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
          sizeGib: 1 + (index % 50),
          availabilityZones: ['nova'],
        },
        { volume_backend_name: 'bench' },
      );
      choose(request, pools, policy, 10);
    }
  });
  const floor = best(() => {
    for (let index = 0; index < PLACEMENTS; index++) emptiest(pools, 1 + (index % 50));
  });
  return [
    { what: `placement over ${POOLS} pools, one process`, unit: 'per second', scoria, floor, better: 'more' },
  ];
}

function best(run: () => void): number {
  let rate = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const begun = performance.now();
    run();
    rate = Math.max(rate, PLACEMENTS / ((performance.now() - begun) / 1000));
  }
  return rate;
}

function emptiest(pools: readonly PoolView[], sizeGib: number): PoolView | undefined {
  let found: PoolView | undefined;
  let most = sizeGib;
  for (const candidate of pools) {
    const free = candidate.limits.thin - candidate.claimedGib;
    if (candidate.state.availabilityZone === 'nova' && free >= most) {
      found = candidate;
      most = free;
    }
  }
  return found;
}

function pool(index: number): PoolState {
  const backend = `host${index}@bench`;
  return {
    address: `${backend}#pool`,
    backend,
    poolName: 'pool',
    availabilityZone: 'nova',
    volumeBackendName: 'bench',
    vendorName: 'bench',
    driverVersion: '1',
    storageProtocol: ['iSCSI', 'iscsi'],
    totalCapacityGib: 1000,
    freeCapacityGib: 1000,
    provisionedCapacityGib: 0,
    foreignCapacityGib: 0,
    reservedPercentage: 0,
    maxOverSubscriptionRatio: 1,
    thinProvisioningSupport: true,
    thickProvisioningSupport: false,
    multiattach: true,
    onlineExtendSupport: true,
    snapshotsClaimCapacity: false,
    backendState: 'up',
    extra: {},
  };
}
