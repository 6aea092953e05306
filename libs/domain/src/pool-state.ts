/**
 * What a volume service publishes of one pool. Capacities are GiB. The keys that Cinder's drivers report keep
 * Cinder's names, since type extra specs match on them (cinder-map §4.3).
 */
export type Capacity = number | 'infinite' | 'unknown';

export interface PoolState {
  /** `host@backend#pool`. */
  address: string;
  /** `host@backend`. */
  backend: string;
  poolName: string;
  availabilityZone: string;
  volumeBackendName: string;
  vendorName: string;
  driverVersion: string;
  /** Canonical protocol first, synonyms after it, e.g. `['iSCSI', 'iscsi']`. */
  storageProtocol: string[];
  totalCapacityGib: Capacity;
  /** Physically free, reserved part included. */
  freeCapacityGib: Capacity;
  /** Sum of the nominal sizes that exist in the pool, Scoria's and others'. */
  provisionedCapacityGib: number;
  /** The part of `provisionedCapacityGib` that belongs to nobody Scoria knows. */
  foreignCapacityGib: number;
  reservedPercentage: number;
  maxOverSubscriptionRatio: number;
  thinProvisioningSupport: boolean;
  thickProvisioningSupport: boolean;
  multiattach: boolean;
  onlineExtendSupport: boolean;
  /** Whether a snapshot claims its nominal size (a full copy) or nothing (reflink, thin). */
  snapshotsClaimCapacity: boolean;
  backendState: 'up' | 'down';
  /** Whatever else the driver or the operator publishes; matched by extra specs. */
  extra: Record<string, unknown>;
}
