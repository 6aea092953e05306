import { ALL_TYPES } from '../sql/all-types.js';
import type { RowCheck } from './row-check.js';

/** A service's silence, in seconds, after which what it holds or waits for wants a look. */
const PATIENCE = 60;

/** What holds at every moment, whatever is going on. In the order in which they are told. */
export const ROW_CHECKS: readonly RowCheck[] = [
  {
    name: 'usage-drift',
    finds: 'a usage that is not the sum of its rows',
    mend: 'scoria db recount',
    sql: `
      with own as (
        select project_id, 1 v, 0 s, size g, greatest(coalesce(pending_size, size) - size, 0) r, volume_type_id t
          from volumes where consumes_quota
        union all select project_id, 0, 1, volume_size, 0, volume_type_id from snapshots where consumes_quota),
      each as (select * from own union all select project_id, v, s, g, r, '${ALL_TYPES}' from own),
      sums as (select project_id, t, sum(v) v, sum(s) s, sum(g) g, sum(r) r from each group by 1, 2),
      both_sides as (
        select coalesce(u.project_id, sums.project_id) as project, coalesce(volume_type_id, t) as type,
               (coalesce(volumes, 0), coalesce(snapshots, 0), coalesce(gigabytes, 0), coalesce(reserved_gigabytes, 0)) as counted,
               (coalesce(v, 0)::bigint, coalesce(s, 0)::bigint, coalesce(g, 0)::bigint, coalesce(r, 0)::bigint) as summed
          from usages u full join sums on sums.project_id = u.project_id and t = volume_type_id)
      select 'project ' || project || case when type = '${ALL_TYPES}' then '' else ', type ' || type end as subject,
             'counted ' || counted || ', there are ' || summed
               || ' (volumes, snapshots, gigabytes, reserved gigabytes)' as detail
        from both_sides where counted <> summed`,
  },
  {
    name: 'pool-claim-drift',
    finds: 'a pool whose claimed capacity is not the sum of its claims',
    mend: 'scoria db recount',
    sql: `
      select address as subject, format('counted %s GiB for %s volumes, claims are %s GiB for %s volumes',
               claimed_gib, volume_count, gib, volumes) as detail
        from (select p.address, p.claimed_gib, p.volume_count, coalesce(sum(c.size_gib), 0) as gib,
                     count(c.volume_id) as volumes
                from pools p left join claims c on c.pool = p.address group by p.address) p
       where (claimed_gib, volume_count) <> (gib, volumes)`,
  },
  {
    name: 'pool-over-limit',
    finds: 'a pool that has promised more than its limit',
    mend: 'add capacity, or raise its ratio knowingly; nothing new is placed there meanwhile',
    note: true,
    sql: `
      select address as subject, format('%s of %s GiB claimed', claimed_gib, claim_limit_gib) as detail
        from pools where claimed_gib > claim_limit_gib`,
  },
  {
    name: 'claim-differs',
    finds: 'a volume at rest whose claim is not its size in its pool',
    mend: 'scoria db recount',
    sql: `
      select 'volume ' || v.id as subject,
             format('%s GiB in %s, claimed %s', v.size, coalesce(v.pool, 'no pool'),
                    coalesce(c.size_gib || ' GiB in ' || c.pool, 'nothing')) as detail
        from volumes v left join claims c on c.volume_id = v.id
       where v.operation_id is null and (v.size, v.pool) is distinct from (c.size_gib, c.pool)
         and not (v.pool is null and c.id is null)
         -- What an abandoned extend claimed stays: the volume may have grown before its host was gone.
         and not (v.status = 'error_extending' and v.pool = c.pool and c.size_gib > v.size)`,
  },
  {
    name: 'status-without-operation',
    finds: 'something in the hands of an operation that has ended',
    mend: `psql: update volumes set operation_id = null, status = 'error' where id = 'ID' (snapshots, attachments likewise)`,
    sql: `
      select resource || ' ' || h.id as subject, format('%s, under operation %s', h.status, h.operation_id) as detail
        from (select 'volume' as resource, id, status, operation_id from volumes where operation_id is not null
              union all select 'snapshot', id, status, operation_id from snapshots where operation_id is not null
              union all select 'attachment', id, status, operation_id from attachments where operation_id is not null) h
        left join operations o on o.id = h.operation_id
       where o.live is not true`,
  },
  {
    name: 'status-against-attachments',
    finds: 'a volume whose status its attachments contradict',
    mend: 'cinder reset-state --state available ID (it becomes what its attachments imply)',
    sql: `
      select 'volume ' || v.id as subject, format('%s with %s attached', v.status, count(a.id)) as detail
        from volumes v
        left join attachments a on a.volume_id = v.id and a.status in ('attached', 'error_detaching')
       where v.operation_id is null and v.hold is null and v.status in ('available', 'in-use')
       group by v.id having (v.status = 'in-use') <> (count(a.id) > 0)`,
  },
  {
    name: 'hold-of-ended-operation',
    finds: 'a hold of an operation that has ended: what it holds cannot be deleted',
    mend: `psql: delete from operation_holds where operation_id = '{subject}'`,
    sql: `
      select h.operation_id::text as subject,
             'holds ' || coalesce('volume ' || h.volume_id, 'snapshot ' || h.snapshot_id) as detail
        from operation_holds h join operations o on o.id = h.operation_id where not o.live`,
  },
  {
    name: 'operation-overdue',
    finds: 'an operation that is past its deadline and still goes forward',
    mend: 'start whoever serves its queue (scoria operations show {subject}); it is undone then',
    sql: `
      select id::text as subject, format('%s of %s %s, step %s, in queue %s since %s', kind, resource_type, resource_id,
               step_name, queue, to_char(deadline at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"')) as detail
        from operations where live and state = 'running' and deadline < now() - interval '${PATIENCE} seconds'`,
  },
  {
    name: 'undo-fails',
    finds: 'an undo that keeps failing',
    mend: 'mend its cause (scoria operations show {subject}), then: scoria operations retry {subject}',
    sql: `
      select id::text as subject, format('undo of %s %s has failed %s times: %s', kind, step_name, attempt,
               coalesce(history->-1->>'cause', error->>'cause', error->>'message')) as detail
        from operations where live and state = 'undoing' and attempt >= 3`,
  },
  {
    name: 'step-fails',
    finds: 'a step that has failed and will be tried again',
    mend: 'scoria operations show {subject}; scoria operations retry {subject} does not wait',
    note: true,
    sql: `
      select id::text as subject, format('%s %s has failed %s times: %s', kind, step_name, attempt,
               coalesce(error->>'cause', error->>'message')) as detail
        from operations where live and state = 'running' and attempt >= 2`,
  },
  {
    name: 'operation-unclaimed',
    finds: 'an operation that is due and that nobody takes',
    mend:
      'start whoever serves its queue: scoria scheduler, or scoria volume on the host that the queue names; ' +
      'if that host is gone for good: scoria operations abandon {subject}',
    sql: `
      select o.id::text as subject,
             format('%s waits in queue %s since %s', kind, queue, to_char(due_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"')) as detail
        from operations o
       where live and owner is null and due_at < now() - interval '${PATIENCE} seconds'`,
  },
  {
    name: 'owner-without-lease',
    finds: 'an operation of a worker whose lease has passed',
    mend: 'start another of the service that serves its queue; it takes over at once',
    sql: `
      select o.id::text as subject,
             format('%s in queue %s, of %s', o.kind, o.queue,
                    coalesce(w.service || ' on ' || w.host, o.claim->>'service' || ' on ' || (o.claim->>'host'),
                             o.owner::text)) as detail
        from operations o left join workers w on w.id = o.owner
       where o.live and o.owner is not null
         and coalesce(w.lease_until, o.updated_at) < now() - interval '10 seconds'`,
  },
  {
    name: 'service-down',
    finds: 'a service that has stopped to report',
    mend: 'start it: scoria scheduler, or scoria volume on its host; or cinder service-disable {subject}',
    sql: `
      select s.host || ' ' || s."binary" as subject,
             'last heard of at ' || to_char(s.reported_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"') as detail
        from services s, asked
       where not s.disabled and s."binary" <> 'cinder-api'
         and s.reported_at < now() - make_interval(secs => asked.down_seconds)`,
  },
];
