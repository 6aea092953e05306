import type { Database } from '../database.js';
import type { EventCursor } from '../events/event-cursor.js';
import { XMIN } from '../events/event-window.js';
import { recordEvents } from '../events/record-events.js';

/** A webhook that this worker alone delivers to until the lease is over. */
export interface ClaimedWebhook {
  id: string;
  projectId: string;
  url: string;
  types: string[];
  allProjects: boolean;
  sealedSecret: Buffer;
  cursor: EventCursor;
  /** The end of the batch that is tried again, inclusive. */
  until: EventCursor | null;
  failures: number;
  /** Whether it is of the lane for receivers that fail or are slow. */
  troubled: boolean;
  generation: number;
}

export interface WebhookClaim {
  worker: string;
  /** Seconds; longer than any delivery takes. */
  leaseSeconds: number;
  /** Webhooks at most, in each lane. */
  wellLimit: number;
  troubledLimit: number;
}

/**
 * Takes webhooks that have something to be delivered, those that wait longest first. Receivers that fail or are slow have a
 * lane of their own: however many they are, the others do not wait for them.
 */
export async function claimWebhooks(database: Database, claim: WebhookClaim): Promise<ClaimedWebhook[]> {
  const [rows] = (await database.query(
    `with well as materialized (${due('not (w.slow or w.failures > 0)', '$3')}),
          troubled as materialized (${due('(w.slow or w.failures > 0)', '$4')})
     update webhooks w
        set owner = $1, generation = generation + 1, lease_until = clock_timestamp() + make_interval(secs => $2::float8)
      where id in (select id from well union all select id from troubled)
      returning id, project_id as "projectId", url, types, all_projects as "allProjects", secret as "sealedSecret",
                json_build_object('xid', cursor_xid, 'id', cursor_id) as cursor,
                case when until_xid is not null then json_build_object('xid', until_xid, 'id', until_id) end as until,
                failures, slow or failures > 0 as troubled, generation::float8 as generation`,
    [claim.worker, claim.leaseSeconds, claim.wellLimit, claim.troubledLimit],
  )) as unknown as [ClaimedWebhook[], number];
  return rows;
}

/** Whether there is anything behind the cursor: one probe of an index, however long nothing happened in the project. */
const somethingFor = (projects: string): string => `exists (
  select from events e where ${projects} and (e.xid, e.id) > (w.cursor_xid, w.cursor_id) and e.xid < ${XMIN})`;

/**
 * After this a webhook is looked at though nothing waits for it: its cursor moves on with the feed. One that stood still while
 * its project did would lie before what is removed for its age, which is kept for a day at least, as if that had been its own.
 */
const QUIET = `w.due_at < now() - interval '12 hours'`;

/** The types are not looked at: a batch that they leave nothing of moves the cursor on. */
const due = (lane: string, limit: string): string => `
  select w.id from webhooks w
   where w.enabled and w.due_at <= now() and (w.lease_until is null or w.lease_until < now()) and ${lane}
     and (${QUIET} or case when w.all_projects then ${somethingFor('true')}
                           else ${somethingFor('e.project_id = w.project_id')} end)
   order by (${QUIET}), w.due_at limit ${limit} for update skip locked`;

type Claimed = Pick<ClaimedWebhook, 'id' | 'generation'>;

/** The fence: $1, $2, $3. Who lost its lease changes nothing. */
const CLAIM_HOLDS = 'id = $1 and owner = $2 and generation = $3';
const RELEASE = 'owner = null, lease_until = null';

/** What a tenant reads while the events themselves cannot be read. */
const UNREAD = 'The events could not be read. The receiver is not to blame.';

/** Everything up to `next` is delivered. `sent`: by a request, rather than because there was nothing to send. */
export async function completeDelivery(
  database: Database,
  worker: string,
  { id, generation }: Claimed,
  { next, sent, slow }: { next: EventCursor; sent: boolean; slow: boolean },
): Promise<void> {
  await database.query(
    `update webhooks set cursor_xid = $4, cursor_id = $5, until_xid = null, until_id = null,
            failures = case when $6 then 0 else failures end,
            failing_since = case when $6 then null else failing_since end,
            last_error = case when $6 or last_error = '${UNREAD}' then null else last_error end,
            slow = case when $6 then $7 else slow end,
            delivered_at = case when $6 then clock_timestamp() else delivered_at end,
            due_at = clock_timestamp(), ${RELEASE}
      where ${CLAIM_HOLDS}`,
    [id, worker, generation, next.xid, next.id, sent, slow],
  );
}

/** Events were removed before they could be delivered; delivery goes on with the oldest that are left. */
export async function skipRemoved(
  database: Database,
  worker: string,
  { id, generation }: Claimed,
  oldest: EventCursor,
): Promise<void> {
  await database.query(
    `update webhooks set cursor_xid = $4, cursor_id = $5, until_xid = null, until_id = null, due_at = clock_timestamp(),
            last_error = 'Events were removed for their age before they could be delivered.', ${RELEASE}
      where ${CLAIM_HOLDS}`,
    [id, worker, generation, oldest.xid, oldest.id],
  );
}

/** What is to be sent could not be read: said of the webhook, but not counted against its receiver. */
export async function leaveUnread(
  database: Database,
  worker: string,
  { id, generation }: Claimed,
  delaySeconds: number,
): Promise<void> {
  await database.query(
    `update webhooks set last_error = case when failures = 0 then '${UNREAD}' else last_error end,
            due_at = clock_timestamp() + make_interval(secs => $4::float8), ${RELEASE}
      where ${CLAIM_HOLDS}`,
    [id, worker, generation, delaySeconds],
  );
}

export interface FailedDelivery {
  /** For the tenant. */
  error: string;
  /** The end of the batch: what is tried again is the same. */
  until: EventCursor;
  delaySeconds: number;
  /** Hours of failure after which it is disabled. */
  giveUpHours: number;
  /** Whether the receiver wants no more. */
  gone: boolean;
}

/** Answers whether the webhook is disabled now. */
export async function failDelivery(
  database: Database,
  worker: string,
  { id, generation }: Claimed,
  failed: FailedDelivery,
): Promise<boolean> {
  const { error, until, delaySeconds, giveUpHours, gone } = failed;
  return database.transaction(async (tx) => {
    const [rows] = await tx.query<[{ projectId: string; reason: string | null }[], number]>(
      `update webhooks
          set failures = failures + 1, failing_since = coalesce(failing_since, clock_timestamp()), last_error = $4,
              until_xid = $5, until_id = $6, due_at = clock_timestamp() + make_interval(secs => $7::float8),
              enabled = not given_up.now, disabled_reason = case
                when $9 then 'The receiver answered that it has gone (410).'
                when given_up.now then format('Deliveries failed for %s hours.', $8::int) end,
              ${RELEASE}
         from (select $9 or coalesce(failing_since < now() - make_interval(hours => $8::int), false) as now
                 from webhooks where id = $1) given_up
        where ${CLAIM_HOLDS}
        returning project_id as "projectId", disabled_reason as reason`,
      [id, worker, generation, error, until.xid, until.id, delaySeconds, giveUpHours, gone],
    );
    const [row] = rows;
    if (!row || row.reason === null) return false;
    const payload = { reason: row.reason, last_error: error };
    await recordEvents(
      tx,
      [{ type: 'webhook.disable', resourceId: id, projectId: row.projectId, payload }],
      null,
    );
    return true;
  });
}

/** Gives back what a stopping worker holds, so that nobody waits for its leases. */
export async function releaseWebhooks(database: Database, worker: string): Promise<void> {
  await database.query(`update webhooks set ${RELEASE} where owner = $1`, [worker]);
}
