import { utcTime } from '../sql/utc-time.js';
import { SELF_LINK, type ResourceView, type ViewField } from './view.js';

/** What tells of the cloud's inside, in an entry of the history. */
const INSIDE = `'{worker,service,host,cause}'::text[]`;

const HISTORY_OF_TENANTS = `(
  select coalesce(jsonb_agg(entry - ${INSIDE} order by place), '[]')
    from jsonb_array_elements(o.history) with ordinality as each(entry, place))`;

/** `claim` is another's when a program of before it has claimed. */
const OWNER = `case when o.owner is not null then jsonb_build_object(
  'worker', o.owner, 'service', coalesce(w.service, c.claim->>'service'), 'host', coalesce(w.host, c.claim->>'host'),
  'since', c.claim->'since', 'lease_until', ${utcTime('w.lease_until')},
  'alive', coalesce(w.lease_until > now(), false)) end`;

const time = (key: string, column: string) => ({ key, as: 'quoted' as const, sql: utcTime(`o.${column}`) });

/** Of the list too. */
const LISTED: readonly ViewField[] = [
  { key: 'id', as: 'quoted', sql: 'o.id' },
  { key: 'kind', as: 'quoted', sql: 'o.kind' },
  { key: 'version', as: 'plain', sql: 'o.version' },
  { key: 'state', as: 'quoted', sql: 'o.state' },
  { key: 'live', as: 'plain', sql: 'o.live' },
  { key: 'resource_type', as: 'quoted', sql: 'o.resource_type' },
  { key: 'resource_id', as: 'quoted', sql: 'o.resource_id' },
  { key: 'project_id', sql: 'o.project_id' },
  { key: 'user_id', sql: 'o.user_id' },
  { key: 'step', as: 'quoted', sql: 'o.step_name' },
  { key: 'step_number', as: 'plain', sql: 'o.step + 1' },
  { key: 'attempt', as: 'plain', sql: 'o.attempt' },
  { key: 'progress', as: 'plain', sql: 'o.progress' },
  { key: 'cancel_requested', as: 'plain', sql: 'o.cancel_requested' },
  { key: 'reason', sql: `o.error->>'message'` },
  { key: 'request_id', sql: 'o.request_id' },
  { key: 'trace_id', as: 'quoted', sql: `nullif(split_part(o.traceparent, '-', 2), '')` },
  time('created_at', 'created_at'),
  time('updated_at', 'updated_at'),
  time('finished_at', 'finished_at'),
  time('due_at', 'due_at'),
  time('deadline', 'deadline'),
  { key: 'generation', as: 'plain', sql: 'o.generation' },
  { key: 'cause', sql: `o.error->>'cause'`, admin: true },
  { key: 'backend', sql: 'o.backend', admin: true },
  { key: 'queue', sql: 'o.queue', admin: true },
  { key: 'owner', as: 'plain', sql: OWNER, admin: true },
  { key: 'links', sql: SELF_LINK },
];

/** Operations, under `/scoria/v1`. The short list has everything but the history. */
export const OPERATION_VIEW: ResourceView = {
  name: 'operations',
  kind: 'Operation',
  own: true,
  table: 'operations',
  alias: 'o',
  joins: `left join workers w on w.id = o.owner
    left join lateral (select case when o.claim->>'worker' = o.owner::text then o.claim end as claim) c on true`,
  fields: [
    ...LISTED.map((field) => ({ ...field, summary: true })),
    { key: 'history', as: 'plain', sql: HISTORY_OF_TENANTS, adminSql: 'o.history' },
  ],
  sortKeys: { created_at: { sql: 'o.created_at' } },
  filters: {
    kind: { type: 'text', sql: 'o.kind', everybody: true },
    state: { type: 'text', sql: 'o.state', everybody: true },
    // As a literal, so that the indexes of live rows serve it.
    live: { type: 'boolean', sql: 'o.live', literal: true, everybody: true },
    resource_id: { type: 'uuid', sql: 'o.resource_id', everybody: true },
    resource_type: { type: 'text', sql: 'o.resource_type', everybody: true },
    request_id: { type: 'text', sql: 'o.request_id', everybody: true },
    backend: { type: 'text', sql: 'o.backend' },
    project_id: { type: 'text', sql: 'o.project_id' },
  },
};
