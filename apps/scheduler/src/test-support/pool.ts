import { parseBackendAddress, backendName, type PoolState } from '@scoria/domain';

/** A thin, healthy pool of 100 GiB without over-subscription at `host@backend#pool`, changed as told. */
export function poolAt(address: string, changes: Partial<PoolState> = {}): PoolState {
  const { pool, ...service } = parseBackendAddress(address)!;
  return {
    address,
    backend: backendName(service),
    poolName: pool!,
    availabilityZone: 'nova',
    volumeBackendName: service.backend,
    vendorName: 'Scoria',
    driverVersion: '1',
    storageProtocol: ['iSCSI'],
    totalCapacityGib: 100,
    freeCapacityGib: 100,
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
    ...changes,
  };
}
