import type { Database, Tx } from '../database.js';
import { ALL_TYPES } from '../sql/all-types.js';

/** What is counted for a project in `usages`. */
const COUNTED = ['volumes', 'snapshots', 'gigabytes'];
const NOT_COUNTED = ['backups', 'backup_gigabytes', 'groups', 'per_volume_gigabytes'];

/**
 * All resources that have a limit: the fixed ones, and three of each volume type that the viewer may see. `$1` is the
 * project of the viewer, null for all types.
 */
const RESOURCES = `
  select kind as resource, kind, '${ALL_TYPES}'::uuid as type_id from unnest(array[${quoted(COUNTED)}]) kind
  union all
  select kind, null, null from unnest(array[${quoted(NOT_COUNTED)}]) kind
  union all
  select kind || '_' || t.name, kind, t.id
    from volume_types t, unnest(array[${quoted(COUNTED)}]) kind
   where $1::text is null or t.is_public or exists (
           select from volume_type_access a where a.volume_type_id = t.id and a.project_id = $1)`;

const IN_USE = `coalesce(case r.kind when 'volumes' then u.volumes when 'snapshots' then u.snapshots
                                     when 'gigabytes' then u.gigabytes end, 0)`;
const RESERVED = `coalesce(case r.kind when 'gigabytes' then u.reserved_gigabytes end, 0)`;

/** A project's own limit, else its class's, else none. */
const LIMIT = `coalesce(own.hard_limit, class.hard_limit, -1)`;

const OF_PROJECT = `
  from (${RESOURCES}) r
  left join usages u on u.project_id = $2 and u.volume_type_id = r.type_id
  left join quota_limits own on own.project_id = $2 and own.resource = r.resource
  left join quota_classes class on class.class_name = 'default' and class.resource = r.resource`;

export interface QuotaRequest {
  projectId: string;
  /** Whose types are named; null for all. */
  viewer: string | null;
}

/** Cinder's quota set as wire JSON: limits, or `{limit,in_use,reserved}` of each resource. */
export async function quotaSet(
  from: Database | Tx,
  { projectId, viewer }: QuotaRequest,
  withUsage: boolean,
): Promise<string> {
  const value = withUsage
    ? `json_build_object('limit', ${LIMIT}, 'in_use', ${IN_USE}, 'reserved', ${RESERVED})`
    : LIMIT;
  return one(from, `select json_object_agg(r.resource, ${value})::text as item ${OF_PROJECT}`, [
    viewer,
    projectId,
  ]);
}

/** The limits of a class; what it leaves open is the default class's. */
export async function quotaClass(
  from: Database | Tx,
  className: string,
  viewer: string | null,
): Promise<string> {
  return one(
    from,
    `select json_object_agg(r.resource, coalesce(own.hard_limit, class.hard_limit, -1))::text as item
       from (${RESOURCES}) r
       left join quota_classes own on own.class_name = $2 and own.resource = r.resource
       left join quota_classes class on class.class_name = 'default' and class.resource = r.resource`,
    [viewer, className],
  );
}

/** `GET /limits`: absolute limits and what is used of them. Backups do not exist here, so none is used. */
export async function absoluteLimits(database: Database, projectId: string): Promise<string> {
  const limit = (resource: string): string => `quota_limit($1, '${resource}')`;
  return one(
    database,
    `select json_build_object('rate', '[]'::json, 'absolute', json_build_object(
              'maxTotalVolumes', ${limit('volumes')}, 'maxTotalSnapshots', ${limit('snapshots')},
              'maxTotalVolumeGigabytes', ${limit('gigabytes')}, 'maxTotalBackups', ${limit('backups')},
              'maxTotalBackupGigabytes', ${limit('backup_gigabytes')},
              'totalVolumesUsed', coalesce(u.volumes, 0),
              'totalGigabytesUsed', coalesce(u.gigabytes + u.reserved_gigabytes, 0),
              'totalSnapshotsUsed', coalesce(u.snapshots, 0),
              'totalBackupsUsed', 0, 'totalBackupGigabytesUsed', 0))::text as item
       from (values (1)) one left join usages u on u.project_id = $1 and u.volume_type_id = '${ALL_TYPES}'`,
    [projectId],
  );
}

/** What is used of each resource, reserved included; those that are not counted are absent. */
export async function quotaUse(tx: Tx, projectId: string): Promise<Record<string, number>> {
  const [row] = (await tx.query(
    `select json_object_agg(r.resource, ${IN_USE} + ${RESERVED}) filter (where r.kind is not null) as used ${OF_PROJECT}`,
    [null, projectId],
  )) as [{ used: Record<string, number> }];
  return row.used;
}

/** Every resource that may be limited. */
export async function quotaResources(tx: Tx): Promise<Set<string>> {
  const rows = (await tx.query(`select resource from (${RESOURCES}) r`, [null])) as { resource: string }[];
  return new Set(rows.map(({ resource }) => resource));
}

async function one(from: Database | Tx, sql: string, parameters: unknown[]): Promise<string> {
  const [row] = (await from.query(sql, parameters)) as [{ item: string }];
  return row.item;
}

function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(', ');
}
