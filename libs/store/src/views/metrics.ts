import type { Database } from '../database.js';
import { HELD_BACK_SECONDS } from '../events/read-events.js';
import { ALL_TYPES } from '../sql/all-types.js';

/** Series of one metric at most: a cloud of more projects shows the largest ones. */
const MAX_PROJECTS = 5000;
const MAX_POOLS = 5000;

export interface ResourceFigures {
  /** Volumes of all projects, by status. */
  volumes: { status: string; count: number }[];
  snapshots: number;
  /** Gigabytes of each project: its limit (-1: none), and what it uses, reserved included. */
  projects: { projectId: string; limit: number; used: number }[];
}

/** What there is, and who uses how much. One statement. */
export async function resourceFigures(database: Database): Promise<ResourceFigures> {
  const [row] = await database.query<{ figures: ResourceFigures }>(
    `select json_build_object(
       'volumes', (select coalesce(json_agg(json_build_object('status', status, 'count', n)), '[]')
                     from (select status, count(*) as n from volumes group by status) v),
       'snapshots', (select count(*) from snapshots),
       'projects', (select coalesce(json_agg(json_build_object('projectId', project_id, 'used', used,
                             'limit', quota_limit(project_id, 'gigabytes'))), '[]')
                      from (select project_id, gigabytes + reserved_gigabytes as used from usages
                             where volume_type_id = '${ALL_TYPES}' order by 2 desc limit ${MAX_PROJECTS}) u)) as figures`,
  );
  return row!.figures;
}

export interface ServiceFigure {
  id: string;
  host: string;
  binary: string;
  zone: string;
  disabled: boolean;
  disabledReason: string | null;
  up: boolean;
}

export interface PoolFigure {
  address: string;
  backend: string;
  volumeBackendName: string | null;
  vendorName: string | null;
  /** GiB; null where it is infinite or unknown. */
  total: number | null;
  free: number | null;
  claimed: number;
  limit: number | null;
}

export interface QueueFigure {
  queue: string;
  live: number;
  /** Due, and held by no living worker. */
  waiting: number;
  oldestSeconds: number;
  /** For how long the oldest that is due has had no living worker; 0 when each has one. */
  unclaimedSeconds: number;
}

export interface WebhookFigure {
  /** `ok`, `failing` or `disabled`. */
  state: string;
  count: number;
}

export interface KindFigure {
  kind: string;
  state: 'running' | 'undoing';
  live: number;
}

export interface TableFigure {
  table: string;
  /** An estimate. */
  rows: number;
  /** With its indexes. */
  bytes: number;
}

/** Tables that keep what has been. */
const GROWING = ['operations', 'events', 'messages', 'idempotency_keys'];

export interface PlatformFigures {
  services: ServiceFigure[];
  pools: PoolFigure[];
  queues: QueueFigure[];
  webhooks: WebhookFigure[];
  /** For which the oldest committed event waits for an older transaction. */
  eventsHeldSeconds: number;
  kinds: KindFigure[];
  tables: TableFigure[];
}

/** Services, pools, the work that waits in each queue, and webhooks, the feed and what grows. One statement. */
export async function platformFigures(
  database: Database,
  serviceDownSeconds: number,
): Promise<PlatformFigures> {
  const number = (key: string): string =>
    `case when jsonb_typeof(state->'${key}') = 'number' then state->'${key}' end`;
  const [row] = await database.query<{ figures: PlatformFigures }>(
    `select json_build_object(
       'services', (select coalesce(json_agg(json_build_object('id', id, 'host', host, 'binary', "binary",
                             'zone', availability_zone, 'disabled', disabled, 'disabledReason', disabled_reason,
                             'up', reported_at > now() - make_interval(secs => $1::float8))), '[]') from services),
       'pools', (select coalesce(json_agg(json_build_object('address', address, 'backend', backend,
                          'volumeBackendName', state->'volumeBackendName', 'vendorName', state->'vendorName',
                          'total', ${number('totalCapacityGib')}, 'free', ${number('freeCapacityGib')},
                          'claimed', claimed_gib, 'limit', claim_limit_gib)), '[]')
                   from (select * from pools order by address limit ${MAX_POOLS}) p),
       'queues', (select coalesce(json_agg(json_build_object('queue', queue, 'live', n, 'waiting', waiting,
                           'oldestSeconds', age, 'unclaimedSeconds', unclaimed)), '[]')
                    from (select queue, count(*) as n,
                                 count(*) filter (where due_at <= now() and w.id is null) as waiting,
                                 extract(epoch from clock_timestamp() - min(created_at)) as age,
                                 coalesce(extract(epoch from clock_timestamp() - min(due_at) filter (
                                   where due_at <= now() and w.id is null)), 0) as unclaimed
                            from operations o left join workers w on w.id = o.owner and w.lease_until > now()
                           where live group by queue) o),
       'webhooks', (select coalesce(json_agg(json_build_object('state', state, 'count', n)), '[]')
                      from (select case when not enabled then 'disabled' when failures > 0 then 'failing' else 'ok' end
                                     as state, count(*) as n from webhooks group by 1) w),
       'eventsHeldSeconds', (${HELD_BACK_SECONDS}),
       'kinds', (select coalesce(json_agg(json_build_object('kind', kind, 'state', state, 'live', n)), '[]')
                   from (select kind, state, count(*) as n from operations where live group by kind, state) k),
       'tables', (select json_agg(json_build_object('table', relname, 'rows', greatest(reltuples, 0),
                           'bytes', pg_total_relation_size(oid)))
                    from pg_class where oid = any($2::regclass[]))) as figures`,
    [serviceDownSeconds, GROWING],
  );
  return row!.figures;
}
