import type { Tx } from '../database.js';

/** Keeps what a project uses as it is until the transaction ends. */
export async function lockUsage(tx: Tx, projectId: string): Promise<void> {
  await tx.query('select from usages where project_id = $1 order by volume_type_id for update', [projectId]);
}

/** Limits by resource; -1 is none. */
export type Limits = Record<string, number>;

export async function setQuotaLimits(tx: Tx, projectId: string, limits: Limits): Promise<void> {
  await tx.query(
    `insert into quota_limits (project_id, resource, hard_limit)
     select $1, key, value::bigint from json_each_text($2)
     on conflict (project_id, resource) do update set hard_limit = excluded.hard_limit`,
    [projectId, JSON.stringify(limits)],
  );
}

/** Back to what the class says. */
export async function clearQuotaLimits(tx: Tx, projectId: string): Promise<void> {
  await tx.query('delete from quota_limits where project_id = $1', [projectId]);
}

export async function setQuotaClass(tx: Tx, className: string, limits: Limits): Promise<void> {
  await tx.query(
    `insert into quota_classes (class_name, resource, hard_limit)
     select $1, key, value::bigint from json_each_text($2)
     on conflict (class_name, resource) do update set hard_limit = excluded.hard_limit`,
    [className, JSON.stringify(limits)],
  );
}
