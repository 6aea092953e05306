import type { Database } from '../database.js';

/** Cinder's names of what a pool publishes (cinder-map §4.3). Nothing is known of a capability that is absent. */
const CAPABILITIES = `(p.state->'extra') || jsonb_build_object(
  'volume_backend_name', p.state->'volumeBackendName', 'vendor_name', p.state->'vendorName',
  'driver_version', p.state->'driverVersion', 'storage_protocol', p.state->'storageProtocol'->0,
  'pool_name', p.state->'poolName', 'availability_zone', p.state->'availabilityZone',
  'total_capacity_gb', p.state->'totalCapacityGib', 'free_capacity_gb', p.state->'freeCapacityGib',
  'provisioned_capacity_gb', p.state->'provisionedCapacityGib', 'allocated_capacity_gb', p.claimed_gib,
  'reserved_percentage', p.state->'reservedPercentage',
  'max_over_subscription_ratio', p.state->'maxOverSubscriptionRatio',
  'thin_provisioning_support', p.state->'thinProvisioningSupport',
  'thick_provisioning_support', p.state->'thickProvisioningSupport', 'multiattach', p.state->'multiattach',
  'online_extend_support', p.state->'onlineExtendSupport', 'backend_state', p.state->'backendState',
  'total_volumes', p.volume_count, 'QoS_support', false, 'replication_enabled', false,
  'filter_function', null, 'goodness_function', null,
  'timestamp', to_char(p.reported_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'))`;

export interface PoolQuery {
  detail: boolean;
  downSeconds: number;
  /** `host@backend#pool`. */
  name: string | null;
  /** Capabilities that must have this value, as text. */
  capabilities: Record<string, string>;
}

/** The pools that placement may choose from: those of services that are up, enabled and not frozen. A JSON array. */
export async function listPoolsAsJson(database: Database, query: PoolQuery): Promise<string> {
  const capabilities = query.detail ? `, 'capabilities', pool.capabilities` : '';
  const [row] = await database.query<{ items: string }>(
    `select coalesce(json_agg(json_build_object('name', pool.address ${capabilities}) order by pool.address), '[]')::text
              as items
       from (select p.address, ${CAPABILITIES} as capabilities
               from pools p
               join services s on s."binary" = 'cinder-volume' and s.host = p.backend
              where not s.disabled and not s.frozen
                and s.reported_at > now() - make_interval(secs => $1::float8)
                and ($2::text is null or p.address = $2)) pool
      where not exists (
              select from jsonb_each_text($3::jsonb) wish
               where lower(pool.capabilities->>wish.key) is distinct from lower(wish.value))`,
    [query.downSeconds, query.name, JSON.stringify(query.capabilities)],
  );
  return row!.items;
}
