import { Fault } from '@scoria/domain';
import type { Database, Tx } from '../database.js';
import { utcTime } from '../sql/utc-time.js';
import { Parameters } from '../views/parameters.js';
import {
  CURSOR_SQL,
  FIRST,
  compareCursors,
  encodeCursor,
  laterCursor,
  type EventCursor,
} from './event-cursor.js';
import { filterSql, type EventFilter, type FilteredEvent } from './event-filter.js';
import { LOOK, XMIN, eventWindow, unforeseen } from './event-window.js';

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
  /** Whether more can be read at once. So it may be, too, when the page is not full, or has no events at all. */
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

const EVENT = `
  json_build_object('xid', e.xid, 'id', e.id, 'type', e.type, 'projectId', e.project_id,
    'resourceType', e.resource_type, 'resourceId', e.resource_id, 'at', ${utcTime('e.at')},
    'json', json_build_object('id', ${CURSOR_SQL('e')}, 'type', e.type, 'at', ${utcTime('e.at')},
      'project_id', e.project_id, 'resource_type', e.resource_type, 'resource_id', e.resource_id,
      'operation_id', e.operation_id, 'request_id', e.request_id, 'payload', e.payload))`;

/**
 * The newest event that is complete. Nothing is ever said to be read beyond it: a server that crashes gives the numbers of
 * transactions that left nothing behind once more, also those that were over, and events of theirs would not be read.
 */
const NEWEST = `(
  select json_build_object('xid', xid, 'id', id) from events where xid < ${XMIN} order by xid desc, id desc limit 1)`;

interface PageRow {
  newest: EventCursor | null;
  xmax: number;
  horizon: EventCursor;
  held: boolean;
  events: (Omit<FeedEvent, 'cursor' | 'json'> & EventCursor & { json: object })[];
  /** The last event that was looked at, where others may be behind it and the page is not full. */
  edge: EventCursor | null;
}

/**
 * A page of the feed, in its order. One statement, so that what is read, what is kept and what is complete are of one
 * moment. It looks at `LOOK` events at most, whatever it finds among them, and at fewer when it is full before.
 *
 * @throws Fault `gone` when events behind the cursor have been removed for their age, or the cursor is another database's
 */
export async function readEvents(database: Database | Tx, query: EventQuery): Promise<EventPage> {
  const { after, until, limit, filter } = query;
  const parameters = new Parameters();
  const { rows, order } = await eventWindow(database, query, parameters);
  const wanted = filterSql(filter, parameters);
  const most = parameters.add(limit);
  const [row] = (await database.query(
    `with page as materialized (
       select e.* from (select e.* from ${rows} order by ${order} limit ${unforeseen(LOOK)}) e
        where ${wanted || 'true'} order by ${order} limit ${most})
     select ${NEWEST} as newest, pg_snapshot_xmax(pg_current_snapshot())::text::float8 as xmax,
            json_build_object('xid', h.xid, 'id', h.id) as horizon,
            coalesce((select xid >= ${XMIN} from events order by xid desc, id desc limit 1), false) as held,
            (select coalesce(json_agg(${EVENT} order by e.xid, e.id), '[]') from page e) as events,
            case when (select count(*) from page) < ${most} then (
              select json_build_object('xid', e.xid, 'id', e.id) from ${rows}
               order by ${order} offset ${unforeseen(LOOK - 1)} limit 1) end as edge
       from event_horizon h`,
    parameters.values,
  )) as [PageRow];
  refuseLost(after, row);
  const events = row.events.map(({ xid, id, json, ...event }) => ({
    ...event,
    cursor: { xid, id },
    // By us: PostgreSQL would put spaces into it, which other answers do not have.
    json: JSON.stringify(json),
  }));
  const end = limit > 0 && events.length === limit ? events.at(-1)!.cursor : row.edge;
  const seen = until ?? laterCursor(after, newestOf(row));
  return { events, more: end !== null, held: row.held, next: end ?? seen };
}

/** The two ends of the feed: before the oldest event that is kept, and behind the newest that is complete. */
export async function feedEnds(
  database: Database | Tx,
): Promise<{ oldest: EventCursor; newest: EventCursor }> {
  const [row] = (await database.query(
    `select json_build_object('xid', h.xid, 'id', h.id) as horizon, ${NEWEST} as newest from event_horizon h`,
  )) as [Pick<PageRow, 'horizon' | 'newest'>];
  return { oldest: row.horizon, newest: newestOf(row) };
}

/** Where everything is that was removed, when nothing is left. */
const newestOf = ({ newest, horizon }: Pick<PageRow, 'horizon' | 'newest'>): EventCursor => newest ?? horizon;

/** Seconds for which the oldest committed event has waited for an older transaction to end; 0 when none does. */
export const HELD_BACK_SECONDS = `
  select coalesce(extract(epoch from clock_timestamp() - min(at)), 0)::float8 as seconds
    from events where xid >= ${XMIN}`;

export async function heldBackSeconds(database: Database): Promise<number> {
  const [row] = await database.query<{ seconds: number }>(HELD_BACK_SECONDS);
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
