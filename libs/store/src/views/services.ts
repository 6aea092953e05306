import type { Database, Tx } from '../database.js';
import { naiveTime } from './view.js';

/** By the database's clock: who has not reported for this long counts as down. */
const up = (seconds: string): string => `s.reported_at > now() - make_interval(secs => ${seconds}::float8)`;

/** `host` names a service, or all services of a host. */
const HOST_IS = (parameter: string): string =>
  `(${parameter}::text is null or s.host = ${parameter} or split_part(s.host, '@', 1) = ${parameter})`;

/** The gateway is not listed, as Cinder's is not. */
const LISTED = `s."binary" <> 'cinder-api'`;

export interface ServiceQuery {
  host: string | null;
  binary: string | null;
  /** `scheduler.serviceDownSeconds`. */
  downSeconds: number;
  /** Since 3.7. */
  withCluster: boolean;
  /** Since 3.49. */
  withBackendState: boolean;
}

/** Cinder's services as wire JSON (cinder-map §1.13): a JSON array. */
export async function listServices(database: Database, query: ServiceQuery): Promise<string> {
  const cluster = query.withCluster ? `|| jsonb_build_object('cluster', null)` : '';
  const backendState = query.withBackendState
    ? `|| jsonb_build_object('backend_state', coalesce(s.backend_state, 'up'))`
    : '';
  const [row] = await database.query<{ items: string }>(
    `select coalesce(json_agg(
              jsonb_build_object('binary', s."binary", 'host', s.host, 'zone', s.availability_zone,
                'status', case when s.disabled then 'disabled' else 'enabled' end,
                'state', case when ${up('$3')} then 'up' else 'down' end,
                'updated_at', ${naiveTime('s.reported_at')}, 'disabled_reason', s.disabled_reason)
              ${cluster}
              || case when s."binary" = 'cinder-volume'
                   then jsonb_build_object('replication_status', 'disabled', 'active_backend_id', null,
                                           'frozen', s.frozen) ${backendState}
                   else '{}' end
              order by s."binary", s.host), '[]')::text as items
       from services s where ${LISTED} and ${HOST_IS('$1')} and ($2::text is null or s."binary" = $2)`,
    [query.host, query.binary, query.downSeconds],
  );
  return row!.items;
}

/** The older list of the same (`/os-hosts`). */
export async function listHosts(
  database: Database,
  zone: string | null,
  downSeconds: number,
): Promise<string> {
  const [row] = await database.query<{ items: string }>(
    `select coalesce(json_agg(json_build_object('host_name', s.host, 'service', s."binary",
              'zone', s.availability_zone,
              'service-status', case when ${up('$2')} then 'available' else 'unavailable' end,
              'service-state', case when s.disabled then 'disabled' else 'enabled' end,
              'last-update', ${naiveTime('s.reported_at')}) order by s.host, s."binary"), '[]')::text as items
       from services s where ${LISTED} and ($1::text is null or s.availability_zone = $1)`,
    [zone, downSeconds],
  );
  return row!.items;
}

/** The zones of volume services, available while one of them takes volumes. */
export async function listZones(database: Database): Promise<string> {
  const [row] = await database.query<{ items: string }>(
    `select coalesce(json_agg(json_build_object('zoneName', zone, 'zoneState',
              json_build_object('available', available)) order by zone), '[]')::text as items
       from (select availability_zone as zone, bool_or(not disabled) as available
               from services where "binary" = 'cinder-volume' group by 1) zones`,
  );
  return row!.items;
}

/** Lets a service take new volumes, or not. False when there is none of that name. */
export async function setServiceDisabled(
  tx: Tx,
  service: { binary: string; host: string },
  disabled: boolean,
  reason: string | null,
): Promise<boolean> {
  const [{ changed }] = (await tx.query(
    `with changed as (
       update services s set disabled = $3, disabled_reason = $4, updated_at = clock_timestamp()
        where s."binary" = $1 and s.host = $2 and ${LISTED} returning 1)
     select count(*)::int as changed from changed`,
    [service.binary, service.host, disabled, reason],
  )) as [{ changed: number }];
  return changed > 0;
}
