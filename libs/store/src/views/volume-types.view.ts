import { Fault } from '@scoria/domain';
import type { Database } from '../database.js';
import type { Filter, ResourceView } from './view.js';

/** Extra specs that tenants may see (Cinder's user-visible extra specs). */
export const VISIBLE_SPECS = ['RESKEY:availability_zones', 'multiattach', 'replication_enabled'];

const ALL_SPECS = 't.extra_specs';
const TENANTS_SPECS = `(
  select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(t.extra_specs)
   where key in (${VISIBLE_SPECS.map((key) => `'${key}'`).join(', ')}))`;

/** Public types, and those private ones that the project was given. */
export const TYPE_VISIBLE_TO = `t.is_public or exists (
  select from volume_type_access access where access.volume_type_id = t.id and access.project_id = $project)`;

const specsFilter = (sql: string): Filter => ({ type: 'metadata', sql, everybody: true, since: 52 });

/** Cinder's volume type (cinder-map §1.6), as administrators see it. */
export const TYPES: ResourceView = {
  name: 'types',
  kind: 'Volume type',
  table: 'volume_types',
  alias: 't',
  fields: [
    { key: 'id', sql: 't.id', as: 'quoted' },
    { key: 'name', sql: 't.name' },
    { key: 'is_public', sql: 't.is_public', as: 'plain' },
    { key: 'description', sql: 't.description' },
    { key: 'extra_specs', sql: TENANTS_SPECS, adminSql: ALL_SPECS, as: 'plain' },
    { key: 'os-volume-type-access:is_public', sql: 't.is_public', as: 'plain' },
    { key: 'qos_specs_id', sql: 'null', as: 'constant', admin: true },
  ],
  sortKeys: {
    created_at: { sql: 't.created_at' },
    updated_at: { sql: `coalesce(t.updated_at, '-infinity')` },
    id: { sql: 't.id' },
    name: { sql: 't.name' },
    description: { sql: `coalesce(t.description, '')` },
    is_public: { sql: 't.is_public' },
  },
  filters: {
    is_public: { type: 'boolean', sql: 't.is_public', everybody: true },
    extra_specs: specsFilter(ALL_SPECS),
    id: { type: 'uuid', sql: 't.id' },
    name: { type: 'text', sql: 't.name' },
    description: { type: 'text', sql: 't.description' },
  },
  visibleTo: TYPE_VISIBLE_TO,
};

/** The same for tenants: a filter must not tell of specs that the view hides. */
export const TYPES_FOR_TENANTS: ResourceView = {
  ...TYPES,
  filters: { is_public: TYPES.filters.is_public!, extra_specs: specsFilter(TENANTS_SPECS) },
};

/** Who asks for a type: `projectId` null may see all. */
export interface TypeViewer {
  projectId: string | null;
  isAdmin: boolean;
}

export type ExtraSpecs = Record<string, string | null>;

/** @throws Fault `notFound` */
export async function readExtraSpecs(
  database: Database,
  id: string,
  viewer: TypeViewer,
): Promise<ExtraSpecs> {
  const [row] = await database.query<{ specs: ExtraSpecs }>(
    `select ${viewer.isAdmin ? ALL_SPECS : TENANTS_SPECS} as specs from volume_types t
      where t.id = $1::uuid and ($2::text is null or ${TYPE_VISIBLE_TO.replace('$project', '$2')})`,
    [id, viewer.projectId],
  );
  if (!row) throw typeNotFound(id);
  return row.specs;
}

/** The projects that may use a private type, as wire JSON; null for a public one. */
export async function listTypeAccess(database: Database, id: string): Promise<string | null> {
  const [row] = await database.query<{ items: string | null }>(
    `select case when not t.is_public then (
              select coalesce(json_agg(json_build_object('volume_type_id', a.volume_type_id, 'project_id', a.project_id)
                       order by a.project_id), '[]')::text
                from volume_type_access a where a.volume_type_id = t.id) end as items
       from volume_types t where t.id = $1::uuid`,
    [id],
  );
  if (!row) throw typeNotFound(id);
  return row.items;
}

export async function findTypeId(database: Database, name: string): Promise<string | undefined> {
  const [row] = await database.query<{ id: string }>('select id from volume_types where name = $1', [name]);
  return row?.id;
}

export const typeNotFound = (id: string): Fault =>
  new Fault('notFound', `Volume type ${id} could not be found.`);
