import { Fault } from '@scoria/domain';
import type { Database, Tx } from '../database.js';
import type { EventCursor } from '../events/event-cursor.js';

export interface NewWebhook {
  id: string;
  projectId: string;
  userId: string;
  url: string;
  types: readonly string[];
  allProjects: boolean;
  enabled: boolean;
  /** By `SecretBox`, for this id. */
  sealedSecret: Buffer;
  /** Delivered is what comes after it. */
  cursor: EventCursor;
}

export type WebhookChanges = Partial<
  Pick<NewWebhook, 'url' | 'types' | 'allProjects' | 'enabled' | 'sealedSecret'>
>;

/** False when the project has `limit` webhooks already. */
export async function insertWebhook(tx: Tx, webhook: NewWebhook, limit: number): Promise<boolean> {
  const { id, projectId, userId, url, types, allProjects, enabled, sealedSecret, cursor } = webhook;
  // Those who come at once are counted one after the other.
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 11))', [projectId]);
  const [{ inserted }] = await tx.query<[{ inserted: boolean }]>(
    `with made as (
       insert into webhooks (id, project_id, user_id, url, types, all_projects, enabled, secret, cursor_xid, cursor_id)
       select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10
        where (select count(*) from webhooks where project_id = $2) < $11 returning 1)
     select exists (select from made) as inserted`,
    [id, projectId, userId, url, types, allProjects, enabled, sealedSecret, cursor.xid, cursor.id, limit],
  );
  return inserted;
}

/** What a request checks of a webhook before it changes it. */
export interface LockedWebhook {
  id: string;
  projectId: string;
  enabled: boolean;
}

/**
 * Whether a webhook `w` exists for the caller whose project is `$n` (null: an administrator). Those of all projects do so for
 * administrators alone: whoever could change their URL would get everybody's events.
 */
export const existsFor = (project: string): string =>
  `(${project}::text is null or (w.project_id = ${project} and not w.all_projects))`;

/** @throws Fault `notFound` when it is absent or not `projectId`'s (null: anybody's) */
export async function lockWebhook(tx: Tx, id: string, projectId: string | null): Promise<LockedWebhook> {
  const [row] = await tx.query<LockedWebhook[]>(
    `select id, project_id as "projectId", enabled from webhooks w
      where id = $1::uuid and ${existsFor('$2')} for update`,
    [id, projectId],
  );
  if (!row) throw webhookNotFound(id);
  return row;
}

/** A delivery that is under way does not count any more; a webhook that had failed begins anew. */
const BEGIN_ANEW = `generation = generation + 1, owner = null, lease_until = null, until_xid = null, until_id = null,
  failures = 0, failing_since = null, last_error = null, slow = false, due_at = now(), updated_at = clock_timestamp()`;

export async function changeWebhook(tx: Tx, id: string, changes: WebhookChanges): Promise<void> {
  const { url, types, allProjects, enabled, sealedSecret } = changes;
  await tx.query(
    `update webhooks set url = coalesce($2, url), types = coalesce($3, types),
            all_projects = coalesce($4, all_projects), enabled = coalesce($5, enabled),
            disabled_reason = case when $5 then null else disabled_reason end,
            secret = coalesce($6, secret), ${BEGIN_ANEW} where id = $1`,
    [id, url ?? null, types ?? null, allProjects ?? null, enabled ?? null, sealedSecret ?? null],
  );
}

/** Delivers again what comes after the cursor. */
export async function replayWebhook(tx: Tx, id: string, { xid, id: event }: EventCursor): Promise<void> {
  await tx.query(`update webhooks set cursor_xid = $2, cursor_id = $3, ${BEGIN_ANEW} where id = $1`, [
    id,
    xid,
    event,
  ]);
}

export async function removeWebhook(tx: Tx, id: string): Promise<void> {
  await tx.query('delete from webhooks where id = $1', [id]);
}

/** The secret as it is sealed. */
export async function sealedSecretOf(database: Database, id: string): Promise<Buffer> {
  const [row] = await database.query<{ secret: Buffer }>('select secret from webhooks where id = $1', [id]);
  if (!row) throw webhookNotFound(id);
  return row.secret;
}

export const webhookNotFound = (id: string): Fault =>
  new Fault('notFound', `Webhook ${id} could not be found.`);
