import type { PoolState } from '@scoria/domain';

/** The answer of `GET /capabilities/{host}` (cinder-map §1.13), from what the backend published. */
export function capabilitiesOf(address: string, pool: PoolState | undefined): Record<string, unknown> {
  return {
    namespace: `OS::Storage::Capabilities::${address}`,
    vendor_name: pool?.vendorName ?? null,
    volume_backend_name: pool?.volumeBackendName ?? null,
    pool_name: pool?.poolName ?? null,
    driver_version: pool?.driverVersion ?? null,
    storage_protocol: pool?.storageProtocol[0] ?? null,
    display_name: null,
    description: null,
    visibility: null,
    replication_targets: [],
    properties: {
      thin_provisioning: property(
        'Thin Provisioning',
        'Whether volumes take only the space that is written.',
      ),
      compression: property('Compression', 'Whether the backend compresses.'),
      qos: property('QoS', 'Whether the backend limits throughput.'),
      replication_enabled: property('Replication', 'Whether the backend replicates.'),
    },
  };
}

const property = (title: string, description: string) => ({ title, description, type: 'boolean' });
