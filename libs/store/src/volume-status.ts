import type { Tx } from './database.js';

/**
 * Makes a locked volume's attach status what its attachments imply, and its status too when it is at rest: a hold (`os-reserve`,
 * `os-begin_detaching`) before attached, attaching, detaching and reserved attachments, in Cinder's order
 * (cinder-map §3.2, attachment delete). The connections of the older calls (`legacy`, `reserved`) say nothing about either:
 * os-initialize_connection leaves them as they are (Cinder behaviour).
 *
 * A status that says something else is left alone: one under an operation to that operation, maintenance to whoever
 * asked for it, an error to whoever resets it. But the last attachment takes `error` and `error_extending` with it
 * (Cinder behaviour): the volume is available again, unless it was never made or its deletion has begun.
 */
export async function settleVolumeStatus(tx: Tx, volumeId: string): Promise<void> {
  await tx.query(SETTLE, [volumeId]);
}

/**
 * The same, for a volume whose own operation has just ended. The caller need not have locked it: a statement that waited
 * for the volume would still see its attachments as they were before the wait, and those of a detach that went first are gone.
 */
export async function releaseVolume(tx: Tx, volumeId: string): Promise<void> {
  await tx.query('select from volumes where id = $1 for no key update', [volumeId]);
  await tx.query(RELEASE, [volumeId]);
}

/** The same, for a volume that has just been made: nobody can have attached it before. */
export async function launchVolume(tx: Tx, volumeId: string): Promise<void> {
  await tx.query(LAUNCH, [volumeId]);
}

/** @param kept when the status stays as it is */
const impliedStatus = (further: string, kept: string): string => `
  update volumes v
     set ${further} status = case
           when ${kept} then v.status
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
   where v.id = $1`;

const LAST_IS_GONE = `v.attach_status <> 'detached' and a.attach_status is null`;
const KEPT = `
  v.operation_id is not null or v.status in ('maintenance', 'error_deleting')
  or (v.status like 'error%' and not (${LAST_IS_GONE} and v.launched_at is not null))`;

const SETTLE = impliedStatus('', KEPT);
const RELEASE = impliedStatus('operation_id = null, pending_size = null,', 'false');
const LAUNCH = impliedStatus(
  'operation_id = null, pending_size = null, launched_at = clock_timestamp(),',
  'false',
);
