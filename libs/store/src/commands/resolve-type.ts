import { Fault, isUuid } from '@scoria/domain';
import type { Tx } from '../database.js';

/** What the creation of a volume needs of its type. */
export interface ResolvedType {
  id: string;
  name: string;
  extraSpecs: Record<string, string>;
  /** Quota `per_volume_gigabytes` of the project, GiB; -1 is none. */
  maxSize: number;
}

/**
 * The type with this id or name, as far as the project may use it. A UUID is an id first.
 *
 * @throws Fault `notFound`
 */
export async function resolveType(
  tx: Tx,
  wanted: string,
  { projectId, isAdmin }: { projectId: string; isAdmin: boolean },
): Promise<ResolvedType> {
  const [type] = await tx.query<ResolvedType[]>(isUuid(wanted) ? BY_ID_OR_NAME : BY_NAME, [
    wanted,
    projectId,
    isAdmin,
  ]);
  if (!type) throw new Fault('notFound', `Volume type ${wanted.slice(0, 255)} could not be found.`);
  return type;
}

const resolve = (named: string, order: string): string => `
  select t.id, t.name, t.extra_specs as "extraSpecs", quota_limit($2, 'per_volume_gigabytes')::float8 as "maxSize"
    from volume_types t
   where ${named}
     and (t.is_public or $3
          or exists (select from volume_type_access where volume_type_id = t.id and project_id = $2))
   ${order} limit 1`;

const BY_NAME = resolve('t.name = $1', '');
const BY_ID_OR_NAME = resolve('(t.id = $1::uuid or t.name = $1::text)', 'order by t.id = $1::uuid desc');

/** Whether some volume service is in the zone. */
export async function zoneExists(tx: Tx, zone: string): Promise<boolean> {
  const rows = await tx.query<unknown[]>(
    `select from services where "binary" = 'cinder-volume' and availability_zone = $1 limit 1`,
    [zone],
  );
  return rows.length > 0;
}

/** Quota `per_volume_gigabytes` of a project, GiB; -1 is none. */
export async function maxVolumeSize(tx: Tx, projectId: string): Promise<number> {
  const [row] = await tx.query<[{ size: number }]>(
    `select quota_limit($1, 'per_volume_gigabytes')::float8 as size`,
    [projectId],
  );
  return row.size;
}
