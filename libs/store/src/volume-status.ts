import type { Tx } from './database.js';

/**
 * Gives a volume at rest the status that its attachments and its hold imply: a hold (`os-reserve`,
 * `os-begin_detaching`) before attached, attaching, detaching and reserved attachments, in Cinder's order
 * (cinder-map §3.2, attachment delete). A volume in an error status keeps it until somebody resets it, and one under
 * an operation is left to that operation. The connections of the older calls (`legacy`, `reserved`) say nothing about
 * the status: os-initialize_connection leaves it as it is (Cinder behaviour).
 */
export async function settleVolumeStatus(tx: Tx, volumeId: string): Promise<void> {
  await tx.query(SETTLE, [volumeId]);
}

/** The same, for a volume whose own operation has just ended. `launched`: it has been made by it. */
export async function releaseVolume(
  tx: Tx,
  volumeId: string,
  { launched = false }: { launched?: boolean } = {},
): Promise<void> {
  await tx.query(launched ? LAUNCH : RELEASE, [volumeId]);
}

const impliedStatus = (further: string, unless: string): string => `
  update volumes v
     set ${further} status = case
           when v.hold = 'reserve' then 'attaching'
           when v.hold = 'detach' then 'detaching'
           else coalesce(a.status, 'available') end,
         attach_status = coalesce(a.attach_status, 'detached'),
         attached_mode = a.mode,
         updated_at = clock_timestamp()
    from (select case
                   when bool_or(status in ('attached', 'error_detaching')) then 'in-use'
                   when bool_or(status = 'attaching') then 'attaching'
                   when bool_or(status = 'detaching') then 'detaching'
                   when bool_or(status in ('reserved', 'error_attaching')) then 'reserved' end as status,
                 case
                   when bool_or(status = 'attached') then 'attached'
                   when bool_or(status = 'attaching') then 'attaching'
                   when bool_or(status = 'detaching') then 'detaching'
                   when bool_or(status = 'error_detaching') then 'error_detaching'
                   when bool_or(status = 'error_attaching') then 'error_attaching'
                   when bool_or(status = 'reserved') then 'reserved' end as attach_status,
                 max(mode) filter (where status = 'attached') as mode
            from attachments where volume_id = $1 and not (legacy and status = 'reserved')) a
   where v.id = $1 ${unless}`;

const SETTLE = impliedStatus(
  '',
  `and v.operation_id is null and v.status not like 'error%' and v.status <> 'maintenance'`,
);
const RELEASE = impliedStatus('operation_id = null, pending_size = null,', '');
const LAUNCH = impliedStatus(
  'operation_id = null, pending_size = null, launched_at = clock_timestamp(),',
  '',
);
