import type { Database } from '../database.js';

/** Events removed by one statement at most, so that it never holds anyone up. */
const BATCH = 1000;

/**
 * Removes the oldest events that are older than `days`, in the feed's order, and moves the horizon along with them. Answers
 * whether there may be more. Another process that does the same is left alone.
 */
export async function forgetOldEvents(
  database: Database,
  days: number,
): Promise<{ removed: number; more: boolean }> {
  const [row] = await database.query<{ removed: number; moved: boolean }>(
    `with gate as materialized (select the_only from event_horizon for update skip locked),
     first as materialized (
       select xid, id, at < now() - make_interval(days => $1) as old from events
        where exists (select from gate) order by xid, id limit ${BATCH}),
     kept as (select xid, id from first where not old order by xid, id limit 1),
     gone as (
       delete from events e using first f
        where e.id = f.id and not exists (select from kept where (f.xid, f.id) >= (kept.xid, kept.id))
       returning e.xid, e.id),
     moved as (
       update event_horizon h set xid = last.xid, id = last.id
         from (select xid, id from gone order by xid desc, id desc limit 1) last returning 1)
     select (select count(*)::int from gone) as removed, exists (select from moved) as moved`,
    [days],
  );
  const { removed } = row!;
  return { removed, more: removed === BATCH };
}
