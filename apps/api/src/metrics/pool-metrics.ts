import type { PoolFigure } from '@scoria/store';
import { registerObservable } from '@scoria/telemetry';

type ReadPools = () => Promise<PoolFigure[]>;

const OWN = {
  scoria_pool_total_gib: ({ total }: PoolFigure) => total,
  scoria_pool_free_gib: ({ free }: PoolFigure) => free,
  scoria_pool_claimed_gib: ({ claimed }: PoolFigure) => claimed,
  scoria_pool_limit_gib: ({ limit }: PoolFigure) => limit,
} as const;

const EXPORTERS = {
  openstack_cinder_pool_capacity_total_gb: ({ total }: PoolFigure) => total,
  openstack_cinder_pool_capacity_free_gb: ({ free }: PoolFigure) => free,
} as const;

/** Pools, GiB. A figure that a pool does not state (infinite, unknown) has no series. */
export function poolMetrics(read: ReadPools): (() => void)[] {
  return [
    ...keysOf(OWN).map((name) =>
      registerObservable(name, () =>
        samples(read, OWN[name], ({ address, backend }) => ({ pool: address, backend })),
      ),
    ),
    ...keysOf(EXPORTERS).map((name) =>
      registerObservable(name, () =>
        samples(read, EXPORTERS[name], ({ address, volumeBackendName, vendorName }) => ({
          name: address,
          volume_backend_name: volumeBackendName ?? '',
          vendor_name: vendorName ?? '',
        })),
      ),
    ),
  ];
}

async function samples<Labels>(
  read: ReadPools,
  valueOf: (pool: PoolFigure) => number | null,
  labelsOf: (pool: PoolFigure) => Labels,
): Promise<{ value: number; labels: Labels }[]> {
  return (await read()).flatMap((pool) => {
    const value = valueOf(pool);
    return value === null ? [] : [{ value, labels: labelsOf(pool) }];
  });
}

const keysOf = <T extends object>(table: T): (keyof T)[] => Object.keys(table) as (keyof T)[];
