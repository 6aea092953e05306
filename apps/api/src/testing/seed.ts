import { randomUUID } from 'node:crypto';
import type { Database } from '@scoria/store';

export const BACKEND = 'host@lvm';
export const POOL = `${BACKEND}#pool`;

export interface SeededVolume {
  project?: string;
  size?: number;
  status?: string;
  name?: string;
  metadata?: Record<string, string>;
  /** Null: never placed. */
  pool?: string | null;
  createdAt?: string;
  bootable?: boolean;
}

/** The pool that seeded volumes live in. */
export async function seedPool(database: Database): Promise<void> {
  await database.query(
    `insert into pools (address, backend, state) values ($1, $2, '{}') on conflict do nothing`,
    [POOL, BACKEND],
  );
}

/** A volume at rest, as its operations would have left it. */
export async function seedVolume(database: Database, volume: SeededVolume = {}): Promise<string> {
  await seedPool(database);
  const id = randomUUID();
  await database.query(
    `insert into volumes (id, project_id, user_id, name, size, status, volume_type_id, availability_zone, pool,
                          metadata, bootable, created_at, launched_at)
     values ($1, $2, 'u', $3, $4, $5, (select id from volume_types where name = '__DEFAULT__'), 'nova', $6, $7, $8,
             coalesce($9::timestamptz, clock_timestamp()), clock_timestamp())`,
    [
      id,
      volume.project ?? 'p',
      volume.name ?? null,
      volume.size ?? 1,
      volume.status ?? 'available',
      volume.pool === undefined ? POOL : volume.pool,
      JSON.stringify(volume.metadata ?? {}),
      volume.bootable ?? false,
      volume.createdAt ?? null,
    ],
  );
  return id;
}

export async function seedSnapshot(
  database: Database,
  volumeId: string,
  { project = 'p', status = 'available', name = null as string | null } = {},
): Promise<string> {
  const id = randomUUID();
  await database.query(
    `insert into snapshots (id, project_id, user_id, volume_id, name, volume_size, volume_type_id, status)
     select $1, $2, 'u', id, $4, size, volume_type_id, $5 from volumes where id = $3`,
    [id, project, volumeId, name, status],
  );
  return id;
}

export async function seedAttachment(database: Database, volumeId: string, project = 'p'): Promise<string> {
  const id = randomUUID();
  await database.query(
    `insert into attachments (id, volume_id, project_id, instance_uuid, attached_host, mountpoint, status, attached_at)
     values ($1, $2, $3, $4, 'compute1', '/dev/vdb', 'attached', clock_timestamp())`,
    [id, volumeId, project, randomUUID()],
  );
  await database.query(`update volumes set status = 'in-use', attach_status = 'attached' where id = $1`, [
    volumeId,
  ]);
  return id;
}

/** Takes away every limit of a project, for tests that are not about limits. */
export async function unlimited(database: Database, project = 'p'): Promise<void> {
  await database.query(
    `insert into quota_limits select $1, r, -1 from unnest(array['volumes', 'snapshots', 'gigabytes']) r`,
    [project],
  );
}
