import { AT_REST_CHECKS, ROW_CHECKS, runRowChecks, type RowCheck } from '@scoria/store';
import type { Check } from './check.js';

/** What only this workload promises: names are given once, the limits were set before it began, and no operation was forgotten. */
const OF_THIS_WORKLOAD: readonly RowCheck[] = [
  {
    name: 'not-ended',
    finds: 'an operation that has not ended',
    mend: 'scoria operations show {subject}',
    sql: `select id::text as subject, format('%s %s %s, attempt %s: %s', kind, state, step_name, attempt, error) as detail
            from operations where live`,
  },
  {
    name: 'done-twice',
    finds: 'a request that was done twice',
    mend: 'none',
    sql: 'select name as subject, count(*)::text as detail from volumes group by name having count(*) > 1',
  },
  {
    name: 'beyond-quota',
    finds: 'a usage beyond its quota',
    mend: 'none',
    sql: `select u.project_id as subject, format('%s of %s volumes', u.volumes, q.hard_limit) as detail
            from usages u join quota_limits q
              on q.project_id = u.project_id and q.resource = 'volumes' and q.hard_limit >= 0
           where u.volume_type_id = '00000000-0000-0000-0000-000000000000' and u.volumes > q.hard_limit`,
  },
  {
    name: 'error-without-failure',
    finds: 'an error status that no operation has left, and nobody has set',
    mend: 'none',
    // The statuses that operations leave when they fail. A cascade leaves its snapshots in `error_deleting`, too.
    sql: `
      with errors as (
        select 'volume' as resource, id, id as of, status,
               case status when 'error' then 'volume.create' when 'error_extending' then 'volume.extend'
                           else 'volume.delete' end as kind from volumes where status like 'error%'
        union all select 'snapshot', id, volume_id, status,
               case status when 'error' then 'snapshot.create' else 'snapshot.delete' end from snapshots where status like 'error%'
        union all select 'attachment', id, id, status,
               case status when 'error_attaching' then 'attachment.connect' else 'attachment.disconnect' end
          from attachments where status like 'error%')
      select format('%s %s', resource, e.id) as subject, e.status as detail from errors e
       where not exists (
               select from operations o
                where o.state in ('failed', 'cancelled')
                  and ((o.resource_id = e.id and o.kind = e.kind)
                       or (e.status = 'error_deleting' and o.resource_id = e.of and o.kind = 'volume.delete')))
         and not (e.status = 'error' and exists (
               select from events v where v.resource_id = e.id and v.type = e.resource || '.reset_status'))`,
  },
  {
    name: 'gone-yet-there',
    finds: 'what an operation has removed with success, and what is still there',
    mend: 'scoria operations show {subject}',
    sql: `
      select o.id::text as subject, format('%s of %s', kind, resource_id) as detail from operations o
       where state = 'succeeded'
         and ((kind = 'volume.delete' and exists (select from volumes where id = o.resource_id))
              or (kind = 'snapshot.delete' and exists (select from snapshots where id = o.resource_id))
              or (kind = 'attachment.disconnect' and exists (select from attachments where id = o.resource_id)))`,
  },
];

const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

/** The doctor's own table, and what holds when nothing is going on. */
export const rowsCheck: Check = {
  name: 'the database agrees with itself: no row in transition, usage and claims exact, every failure with its message',
  async look({ database }) {
    const checks = [...OF_THIS_WORKLOAD, ...AT_REST_CHECKS, ...ROW_CHECKS];
    const findings = await database.transaction((tx) =>
      runRowChecks(tx, checks, { limit: 1000, downSeconds: 60 }),
    );
    return findings
      .filter(({ level }) => level === 'wrong')
      .flatMap(({ finds, subjects }) =>
        subjects.map(({ subject, detail }) => {
          const id = UUID.exec(subject)?.[0];
          return { what: finds, detail: `${subject}: ${detail}`, ...(id ? { id } : {}) };
        }),
      );
  },
};
