import type { Tx } from '../database.js';
import { typeNotFound, type ExtraSpecs } from '../views/volume-types.view.js';

/** What a request checks of a volume type before it changes it. */
export interface LockedType {
  id: string;
  name: string;
  isPublic: boolean;
  extraSpecs: ExtraSpecs;
  inUse: boolean;
  /** Whether there is no other type. */
  last: boolean;
}

/**
 * The lock also keeps new volumes from taking the type until the transaction ends. Locked first and looked at then (see
 * `lockRow`).
 *
 * @throws Fault `notFound`
 */
export async function lockType(tx: Tx, id: string): Promise<LockedType> {
  await tx.query('select from volume_types where id = $1::uuid for update', [id]);
  const [type] = (await tx.query(
    `select t.id, t.name, t.is_public as "isPublic", t.extra_specs as "extraSpecs",
            exists (select from volumes where volume_type_id = t.id)
              or exists (select from snapshots where volume_type_id = t.id) as "inUse",
            not exists (select from volume_types other where other.id <> t.id) as last
       from volume_types t where t.id = $1::uuid`,
    [id],
  )) as LockedType[];
  if (!type) throw typeNotFound(id);
  return type;
}

export interface NewType {
  name: string;
  description: string | null;
  isPublic: boolean;
  extraSpecs: ExtraSpecs;
}

/** The new type's id, or undefined when the name is taken. */
export async function insertType(tx: Tx, type: NewType): Promise<string | undefined> {
  const [row] = (await tx.query(
    `insert into volume_types (name, description, is_public, extra_specs) values ($1, $2, $3, $4)
     on conflict (name) do nothing returning id`,
    [type.name, type.description, type.isPublic, JSON.stringify(type.extraSpecs)],
  )) as { id: string }[];
  return row?.id;
}

export interface TypeChanges {
  name?: string;
  description?: string | null;
  isPublic?: boolean;
}

const QUOTA_KINDS = ['volumes', 'snapshots', 'gigabytes'];

/**
 * Changes what is given; the limits that carry the type's name follow. False when the name is taken; of one that was taken
 * at the same time the statement fails, and nothing more can be done in the transaction.
 */
export async function changeType(tx: Tx, { id, name }: LockedType, changes: TypeChanges): Promise<boolean> {
  const renamed = changes.name !== undefined && changes.name !== name;
  if (renamed) {
    const taken = (await tx.query('select from volume_types where name = $1', [changes.name])) as unknown[];
    if (taken.length > 0) return false;
  }
  if (!(await updateType(tx, id, changes))) return false;
  if (renamed) {
    for (const kind of QUOTA_KINDS) {
      for (const table of ['quota_limits', 'quota_classes']) {
        await tx.query(`update ${table} set resource = $2 where resource = $1`, [
          `${kind}_${name}`,
          `${kind}_${changes.name}`,
        ]);
      }
    }
  }
  return true;
}

const UNIQUE = '23505';

/** False when the name has been taken since we looked. */
async function updateType(tx: Tx, id: string, changes: TypeChanges): Promise<boolean> {
  try {
    await tx.query(
      `update volume_types set name = coalesce($2, name), description = case when $3 then $4 else description end,
              is_public = coalesce($5, is_public), updated_at = clock_timestamp() where id = $1`,
      [
        id,
        changes.name ?? null,
        changes.description !== undefined,
        changes.description ?? null,
        changes.isPublic ?? null,
      ],
    );
    return true;
  } catch (error) {
    const { code } = ((error as { driverError?: object }).driverError ?? error) as { code?: string };
    if (code === UNIQUE) return false;
    throw error;
  }
}

/** Removes a type that nothing uses, with its limits and its accounts, which are all zero. */
export async function removeType(tx: Tx, { id, name }: LockedType): Promise<void> {
  const resources = QUOTA_KINDS.map((kind) => `${kind}_${name}`);
  await tx.query('delete from quota_limits where resource = any($1)', [resources]);
  await tx.query('delete from quota_classes where resource = any($1)', [resources]);
  await tx.query('delete from usages where volume_type_id = $1', [id]);
  await tx.query('delete from volume_types where id = $1', [id]);
}

export async function setExtraSpecs(tx: Tx, id: string, specs: ExtraSpecs): Promise<void> {
  await tx.query('update volume_types set extra_specs = $2, updated_at = clock_timestamp() where id = $1', [
    id,
    JSON.stringify(specs),
  ]);
}

/** False when the project has access already. */
export async function addTypeAccess(tx: Tx, id: string, projectId: string): Promise<boolean> {
  const rows = (await tx.query(
    `insert into volume_type_access (volume_type_id, project_id) values ($1, $2) on conflict do nothing returning 1`,
    [id, projectId],
  )) as unknown[];
  return rows.length > 0;
}

/** False when the project had none. */
export async function removeTypeAccess(tx: Tx, id: string, projectId: string): Promise<boolean> {
  const [{ removed }] = (await tx.query(
    `with gone as (delete from volume_type_access where volume_type_id = $1 and project_id = $2 returning 1)
     select count(*)::int as removed from gone`,
    [id, projectId],
  )) as [{ removed: number }];
  return removed > 0;
}
