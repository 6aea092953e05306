import type { RowCheck } from './row-check.js';

/** What holds in addition when nothing is going on: every operation has ended, and no client holds anything. */
export const AT_REST_CHECKS: readonly RowCheck[] = [
  {
    name: 'volume-not-at-rest',
    finds: 'a volume that is not at rest',
    mend: 'scoria operations list --resource ID',
    sql: `
      select 'volume ' || id as subject, status as detail from volumes
       where status not in ('available', 'in-use', 'error', 'error_deleting', 'error_extending')`,
  },
  {
    name: 'snapshot-not-at-rest',
    finds: 'a snapshot that is not at rest',
    mend: 'scoria operations list --resource ID',
    sql: `
      select 'snapshot ' || id as subject, status as detail from snapshots
       where status not in ('available', 'error', 'error_deleting')`,
  },
  {
    name: 'attachment-not-at-rest',
    finds: 'an attachment that is not at rest',
    mend: 'scoria operations list --resource ID',
    sql: `
      select 'attachment ' || id as subject, status as detail from attachments
       where status not in ('attached', 'error_attaching', 'error_detaching') or operation_id is not null`,
  },
  {
    name: 'hold-without-work',
    finds: 'a hold, though nothing is going on',
    mend: 'scoria operations show {subject}',
    sql: `
      select operation_id::text as subject, coalesce('volume ' || volume_id, 'snapshot ' || snapshot_id) as detail
        from operation_holds`,
  },
  {
    name: 'failure-untold',
    finds: 'a failure that no message tells the tenant of',
    mend: 'scoria operations show {subject}',
    sql: `
      select o.id::text as subject, format('%s: %s', kind, error) as detail from operations o
       where state = 'failed' and not exists (select from messages m where m.request_id = o.request_id)`,
  },
];
