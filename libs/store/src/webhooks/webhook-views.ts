import type { Database, Tx } from '../database.js';
import { utcTime } from '../sql/utc-time.js';
import { existsFor, webhookNotFound } from './webhook-rows.js';

/** As clients see it. The secret is not part of it. */
const WEBHOOK = `json_build_object(
  'id', w.id, 'project_id', w.project_id, 'url', w.url, 'types', w.types, 'all_projects', w.all_projects,
  'enabled', w.enabled, 'disabled_reason', w.disabled_reason,
  'cursor', to_hex(w.cursor_xid) || '-' || to_hex(w.cursor_id),
  'failures', w.failures, 'failing_since', ${utcTime('w.failing_since')}, 'last_error', w.last_error,
  'next_attempt_at', case when w.enabled and w.failures > 0 then ${utcTime('w.due_at')} end,
  'delivered_at', ${utcTime('w.delivered_at')},
  'created_at', ${utcTime('w.created_at')}, 'updated_at', ${utcTime('w.updated_at')})`;

export interface WebhookListQuery {
  /** Whose; null: everybody's. */
  projectId: string | null;
  /** Whether those of all projects are shown too. */
  isAdmin: boolean;
  /** The last id of the page before. */
  marker: string | undefined;
  limit: number;
}

/** JSON texts, by id. */
export async function listWebhooks(
  database: Database,
  { projectId, isAdmin, marker, limit }: WebhookListQuery,
): Promise<{ id: string; json: string }[]> {
  return database.query(
    `select w.id, ${WEBHOOK}::text as json from webhooks w
      where ($1::text is null or w.project_id = $1) and ($4 or not w.all_projects) and ($2::uuid is null or w.id > $2)
      order by w.id limit $3`,
    [projectId, marker ?? null, limit, isAdmin],
  );
}

/** @throws Fault `notFound` when it is absent or not `projectId`'s (null: anybody's) */
export async function showWebhook(
  from: Database | Tx,
  id: string,
  projectId: string | null,
): Promise<Record<string, unknown>> {
  const [row] = (await from.query(
    `select ${WEBHOOK} as item from webhooks w where w.id = $1::uuid and ${existsFor('$2')}`,
    [id, projectId],
  )) as { item: Record<string, unknown> }[];
  if (!row) throw webhookNotFound(id);
  return row.item;
}
