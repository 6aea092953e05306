import type { Database, Tx } from '../database.js';
import { Parameters } from '../views/parameters.js';
import type { EventCursor } from './event-cursor.js';
import type { EventFilter } from './event-filter.js';

/**
 * Events that are looked at for one page at most. A filter that matches little would otherwise make one page a walk
 * through everything that is kept, longer than a statement may take: nobody would ever get behind it.
 */
export const LOOK = 5000;

/**
 * A number for `limit` or `offset` that the server does not know when it plans: it goes by an index that has the order.
 * Where it knows it, and believes that there are fewer rows than that, it reads them all and sorts them.
 */
export const unforeseen = (rows: number): string => `(select ${rows})`;

/**
 * The oldest transaction that may still write. Events of all older ones are there to be seen, or will never be: what is
 * read below it is complete.
 */
export const XMIN = 'pg_snapshot_xmin(pg_current_snapshot())::text::bigint';

/** The events `e` that a page looks through, in their order and without a limit, as SQL. */
export interface EventWindow {
  /** What comes after `from`. */
  rows: string;
  /** What comes after `order by`. */
  order: string;
}

interface Bounds {
  after: EventCursor;
  /** Inclusive. */
  until?: EventCursor;
  filter: EventFilter;
}

/**
 * What is after the cursor, of the project, and complete.
 *
 * The project is a bound of the range, and not compared by itself: so the index of the project alone has the order that
 * is asked for. Else the server may take that of all projects, and step over everybody's events to find a project's.
 */
export async function eventWindow(
  database: Database | Tx,
  { after, until, filter }: Bounds,
  parameters: Parameters,
): Promise<EventWindow> {
  const source = await sourceOf(database, filter, parameters);
  const project = filter.projectId === null ? undefined : `${parameters.add(filter.projectId)}::text`;
  const place = (xid: string, id: string): string => `(${project ? `${project}, ` : ''}${xid}, ${id})`;
  const placeOf = ({ xid, id }: EventCursor): string =>
    place(`${parameters.add(xid)}::bigint`, `${parameters.add(id)}::bigint`);
  const order = `${project ? 'e.project_id, ' : ''}e.xid, e.id`;
  const conditions = [
    `(${order}) > ${placeOf(after)}`,
    `(${order}) < ${place(XMIN, '0')}`,
    ...(until ? [`(${order}) <= ${placeOf(until)}`] : []),
  ];
  return { rows: `${source} e where ${conditions.join(' and ')}`, order };
}

/** One resource's events, for whoever asks for them alone, where they are few enough to look at all of them. */
async function sourceOf(
  database: Database | Tx,
  { resourceId }: EventFilter,
  parameters: Parameters,
): Promise<string> {
  if (resourceId === undefined) return 'events';
  const [row] = (await database.query(
    `select count(*)::int as seen from (select from ${ofResource('$1')} limit ${unforeseen(LOOK + 1)}) e`,
    [resourceId],
  )) as [{ seen: number }];
  return row.seen > LOOK ? 'events' : `(select * from ${ofResource(parameters.add(resourceId))} offset 0)`;
}

const MAX_ID = '9223372036854775807';

/** As a range, for the same reason. */
const ofResource = (id: string): string =>
  `events where (resource_id, id) > (${id}::uuid, 0) and (resource_id, id) <= (${id}::uuid, ${MAX_ID})
    order by resource_id, id`;
