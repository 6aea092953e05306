import type { Check } from './check.js';

/** Each must find nothing. A column `id` names what the story is told of. */
const MUST_BE_EMPTY: Readonly<Record<string, string>> = {
  'an operation that has not ended':
    'select id, kind, step_name, state, attempt, error from operations where live',
  'a volume that is not at rest': `select id, status from volumes
     where status not in ('available', 'in-use', 'error', 'error_deleting', 'error_extending')`,
  'a snapshot that is not at rest': `select id, status from snapshots where status not in ('available', 'error', 'error_deleting')`,
  'an attachment that is not at rest': `select id, status from attachments
     where status not in ('attached', 'error_attaching', 'error_detaching') or operation_id is not null`,
  'a hold of an operation that has ended': 'select operation_id as id, * from operation_holds',
  'a failure without a message': `select id, kind, error from operations o where state = 'failed'
     and not exists (select from messages m where m.request_id = o.request_id)`,
  'a request that was done twice': 'select name from volumes group by name having count(*) > 1',
  'a usage that is not the sum of its rows': `with rows as (
       select project_id, 1 v, 0 s, size g, greatest(coalesce(pending_size, size) - size, 0) r, volume_type_id t
         from volumes where consumes_quota
       union all select project_id, 0, 1, volume_size, 0, volume_type_id from snapshots where consumes_quota),
     each as (select * from rows union all
       select project_id, v, s, g, r, '00000000-0000-0000-0000-000000000000' from rows),
     sums as (select project_id, t, sum(v) v, sum(s) s, sum(g) g, sum(r) r from each group by 1, 2)
     select * from usages u full join sums on sums.project_id = u.project_id and t = volume_type_id
      where (coalesce(volumes, 0), coalesce(snapshots, 0), coalesce(gigabytes, 0), coalesce(reserved_gigabytes, 0))
            <> (coalesce(v, 0), coalesce(s, 0), coalesce(g, 0), coalesce(r, 0))`,
  'a usage beyond its quota': `select u.* from usages u join quota_limits q
       on q.project_id = u.project_id and q.resource = 'volumes' and q.hard_limit >= 0
      where u.volume_type_id = '00000000-0000-0000-0000-000000000000' and u.volumes > q.hard_limit`,
  'a pool whose claim is not the sum of its claims': `select address, claimed_gib from pools p
     where claimed_gib <> (select coalesce(sum(size_gib), 0) from claims where pool = p.address)`,
  'a volume whose claim is not its size': `select v.id, v.status, v.size, c.size_gib from volumes v
     full join claims c on c.volume_id = v.id
     where (c.id is null or c.snapshot_id is null) and (v.size, v.pool) is distinct from (c.size_gib, c.pool)
       and not (v.pool is null and c.id is null)`,
};

export const rowsCheck: Check = {
  name: 'the database agrees with itself: no row in transition, usage and claims exact, every failure with its message',
  async look({ database }) {
    const found = [];
    for (const [what, sql] of Object.entries(MUST_BE_EMPTY)) {
      for (const row of await database.query<{ id?: string }>(sql))
        found.push({ what, detail: JSON.stringify(row), ...(row.id ? { id: row.id } : {}) });
    }
    return found;
  },
};
