import type { PoolState } from '@scoria/domain';
import type { Database } from '../database.js';
import { utcTime } from '../sql/utc-time.js';

/** What a scheduler learns of one pool from the database. */
export interface PoolFigures {
  /** `host@backend#pool`. */
  address: string;
  /** As last published, or null when the scheduler already has this report. */
  state: PoolState | null;
  /** Time of the report, by the database's clock: ISO, UTC, with microseconds. */
  reportedAt: string;
  /** GiB. */
  claimedGib: number;
  volumeCount: number;
  serviceUp: boolean;
  serviceDisabled: boolean;
  serviceFrozen: boolean;
}

/** The reports that a scheduler holds: address to `reportedAt`. */
export type KnownReports = ReadonlyMap<string, string>;

/**
 * Claims and services of all pools, and the reports that differ from those in `known`, older ones included: whatever
 * clocks did, what is in the row counts. One statement.
 */
export function readPoolFigures(
  database: Database,
  serviceDownSeconds: number,
  known: KnownReports = new Map(),
): Promise<PoolFigures[]> {
  return database.query<PoolFigures>(
    `select p.address,
            case when known.reported_at is distinct from p.reported_at then p.state end as state,
            ${utcTime('p.reported_at')} as "reportedAt",
            p.claimed_gib::float8 as "claimedGib", p.volume_count as "volumeCount",
            coalesce(s.reported_at > now() - make_interval(secs => $1::float8), false) as "serviceUp",
            coalesce(s.disabled, false) as "serviceDisabled", coalesce(s.frozen, false) as "serviceFrozen"
       from pools p
       left join unnest($2::text[], $3::timestamptz[]) as known (address, reported_at) on known.address = p.address
       left join services s on s."binary" = 'cinder-volume' and s.host = p.backend`,
    [serviceDownSeconds, [...known.keys()], [...known.values()]],
  );
}
