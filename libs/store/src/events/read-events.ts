import { Fault } from '@scoria/domain';
import type { Database, Tx } from '../database.js';
import { Parameters } from '../views/parameters.js';
import {
  CURSOR_SQL,
  FIRST,
  compareCursors,
  encodeCursor,
  laterCursor,
  type EventCursor,
} from './event-cursor.js';
import { isoUtc } from './iso-utc.js';
import { filterSql, type EventFilter, type FilteredEvent } from './event-filter.js';

/** One event as it is handed out. */
export interface FeedEvent extends FilteredEvent {
  cursor: EventCursor;
  /** ISO, UTC, with microseconds. */
  at: string;
  /** The JSON text that clients get. */
  json: string;
}

export interface EventPage {
  events: FeedEvent[];
  /** Where to read on: behind the last event, or behind everything that the filter left out. */
  next: EventCursor;
  /** Whether more can be read at once. */
  more: boolean;
  /** Whether committed events wait for an older transaction to end. */
  held: boolean;
}

export interface EventQuery {
  after: EventCursor;
  /** Not beyond this one, inclusive. */
  until?: EventCursor;
  limit: number;
  filter: EventFilter;
}

/**
 * The oldest transaction that may still write. Events of all older ones are there to be seen, or will never be: what is
 * read below it is complete.
 */
export const XMIN = 'pg_snapshot_xmin(pg_current_snapshot())::text::bigint';

const EVENT = `
  json_build_object('xid', e.xid, 'id', e.id, 'type', e.type, 'projectId', e.project_id,
    'resourceType', e.resource_type, 'resourceId', e.resource_id, 'at', ${isoUtc('e.at')},
    'json', json_build_object('id', ${CURSOR_SQL('e')}, 'type', e.type, 'at', ${isoUtc('e.at')},
      'project_id', e.project_id, 'resource_type', e.resource_type, 'resource_id', e.resource_id,
      'operation_id', e.operation_id, 'request_id', e.request_id, 'payload', e.payload)::text)`;

interface PageRow {
  xmin: number;
  xmax: number;
  horizon: EventCursor;
  held: boolean;
  events: (Omit<FeedEvent, 'cursor'> & EventCursor)[];
}

/**
 * A page of the feed, in its order. One statement, so that what is read, what is kept and what is complete are of one
 * moment.
 *
 * @throws Fault `gone` when events behind the cursor have been removed for their age, or the cursor is another database's
 */
export async function readEvents(database: Database | Tx, query: EventQuery): Promise<EventPage> {
  const { after, until, limit, filter } = query;
  const parameters = new Parameters();
  const place = (cursor: EventCursor): string =>
    `(${parameters.add(cursor.xid)}::bigint, ${parameters.add(cursor.id)}::bigint)`;
  const conditions = [
    `(e.xid, e.id) > ${place(after)}`,
    `e.xid < ${XMIN}`,
    ...(until ? [`(e.xid, e.id) <= ${place(until)}`] : []),
    filterSql(filter, parameters),
  ].filter((condition) => condition !== '');
  const [row] = (await database.query(
    `select ${XMIN}::float8 as xmin, pg_snapshot_xmax(pg_current_snapshot())::text::float8 as xmax,
            json_build_object('xid', h.xid, 'id', h.id) as horizon,
            exists (select from events where xid >= ${XMIN}) as held,
            (select coalesce(json_agg(page.event), '[]') from (
               select ${EVENT} as event from events e where ${conditions.join(' and ')}
                order by e.xid, e.id limit ${parameters.add(limit)}) page) as events
       from event_horizon h`,
    parameters.values,
  )) as [PageRow];
  refuseLost(after, row);
  const events = row.events.map(({ xid, id, ...event }) => ({ ...event, cursor: { xid, id } }));
  const more = events.length === limit && limit > 0;
  const seen = until ?? laterCursor(after, { xid: row.xmin, id: 0 });
  return { events, more, held: row.held, next: more ? events.at(-1)!.cursor : seen };
}

/** The two ends of the feed: before the oldest event that is kept, and behind the newest that is complete. */
export async function feedEnds(
  database: Database | Tx,
): Promise<{ oldest: EventCursor; newest: EventCursor }> {
  const [row] = (await database.query(
    `select h.xid::float8 as xid, h.id::float8 as id, ${XMIN}::float8 as xmin from event_horizon h`,
  )) as [EventCursor & { xmin: number }];
  return { oldest: { xid: row.xid, id: row.id }, newest: { xid: row.xmin, id: 0 } };
}

/** Seconds for which the oldest committed event has waited for an older transaction to end; 0 when none does. */
export async function heldBackSeconds(database: Database): Promise<number> {
  const [row] = await database.query<{ seconds: number }>(
    `select coalesce(extract(epoch from clock_timestamp() - min(at)), 0)::float8 as seconds
       from events where xid >= ${XMIN}`,
  );
  return row!.seconds;
}

function refuseLost(after: EventCursor, { horizon, xmax }: PageRow): void {
  const foreign = after.xid > xmax;
  // Whoever begins at the beginning has nothing to miss.
  if (!foreign && (compareCursors(after, horizon) >= 0 || compareCursors(after, FIRST) === 0)) return;
  const oldest = encodeCursor(horizon);
  throw new Fault(
    'gone',
    foreign
      ? `The cursor is of another database. The oldest cursor that is kept is ${oldest}.`
      : `Events after the cursor have been removed. The oldest cursor that is kept is ${oldest}.`,
    { members: { oldest } },
  );
}
