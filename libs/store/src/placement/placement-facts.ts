import type { PoolState } from '@scoria/domain';
import type { Database } from '../database.js';

/** What placement needs to know of a volume. */
export interface PlacedVolume {
  projectId: string;
  /** GiB. */
  size: number;
  attachStatus: string;
  availabilityZone: string | null;
  /** Of its type. A null requires that the capability is null. */
  extraSpecs: Record<string, string | null>;
  /** `host@backend#pool`, or null while unplaced. */
  pool: string | null;
  /** As the pool was last published. */
  poolState: PoolState | null;
  /** GiB, of the whole pool. */
  poolClaimedGib: number;
}

export async function findPlacement(database: Database, volumeId: string): Promise<PlacedVolume | undefined> {
  const [row] = await database.query<PlacedVolume>(
    `select v.project_id as "projectId", v.size, v.attach_status as "attachStatus",
            v.availability_zone as "availabilityZone", t.extra_specs as "extraSpecs", v.pool,
            p.state as "poolState", coalesce(p.claimed_gib, 0)::float8 as "poolClaimedGib"
       from volumes v
       join volume_types t on t.id = v.volume_type_id
       left join pools p on p.address = v.pool
      where v.id = $1`,
    [volumeId],
  );
  return row;
}

/** Where a project's volumes live. Volumes of others, and unplaced ones, are left out. */
export async function poolsOfVolumes(
  database: Database,
  projectId: string,
  volumeIds: readonly string[],
): Promise<string[]> {
  const rows = await database.query<{ pool: string }>(
    'select distinct pool from volumes where project_id = $1 and id = any($2::uuid[]) and pool is not null',
    [projectId, volumeIds],
  );
  return rows.map(({ pool }) => pool);
}

/**
 * The host that a server runs on, as far as its attachments tell: that of the one attached last. Undefined for a
 * server that has no volume of this project yet.
 */
export async function hostOfInstance(
  database: Database,
  projectId: string,
  instanceId: string,
): Promise<string | undefined> {
  const [row] = await database.query<{ host: string }>(
    `select attached_host as host from attachments
      where project_id = $1 and instance_uuid = $2 and attached_host is not null
      order by attached_at desc nulls last limit 1`,
    [projectId, instanceId],
  );
  return row?.host;
}
