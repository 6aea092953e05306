import { until } from '../field/until.js';
import type { Check, Finding } from './check.js';

/** Milliseconds for the follower to have read on to the end: its stream may have to notice first that its way is broken. */
const FOLLOWED_MS = 60_000;

export const eventsCheck: Check = {
  name: 'every operation was told of when it began and when it ended, once, and who follows the events missed none and saw none twice',
  async look({ database, follower }) {
    const told = await database.query<Told>(
      `select o.id, o.kind, o.state, array_remove(array_agg(e.type order by e.xid, e.id), null) as types
         from operations o left join events e on e.operation_id = o.id group by o.id`,
    );
    const strangers = await database.query<{ id: string; type: string }>(
      `select operation_id as id, type from events e
        where operation_id is not null and not exists (select from operations o where o.id = e.operation_id)`,
    );
    const rows = await database.query<{ cursor: string }>(
      `select to_hex(xid) || '-' || to_hex(id) as cursor from events order by xid, id`,
    );
    const feed = rows.map(({ cursor }) => cursor);
    // What it has missed shows when it has not come as far as this, or has and still lacks some.
    await until('the follower', FOLLOWED_MS, async () => follower.seen.at(-1) === feed.at(-1)).catch(
      () => undefined,
    );
    return [
      ...untold(told),
      ...strangers.map(({ id, type }) => ({
        what: 'an event of an operation that is not there',
        detail: `${type} of ${id}`,
        id,
      })),
      ...missed(feed, follower.seen),
    ];
  },
};

/** An operation, and the types of its events in the order of the feed. */
interface Told {
  id: string;
  kind: string;
  state: string;
  types: string[];
}

/** What is said of each state, besides that it began. */
const ENDS: Readonly<Record<string, string>> = { succeeded: 'end', failed: 'error', cancelled: 'error' };

export function untold(operations: readonly Told[]): Finding[] {
  return operations.flatMap(({ id, kind, state, types }) => {
    const end = ENDS[state];
    const right = [`${kind}.start`, ...(end === undefined ? [] : [`${kind}.${end}`])];
    if (types.join() === right.join()) return [];
    const detail = `${kind} ${id}, ${state}: ${types.join(', ') || 'none'}`;
    return { what: 'an operation that was told of otherwise than it went', detail, id };
  });
}

/** What differs between the feed and what a follower has seen of it. */
export function missed(feed: readonly string[], seen: readonly string[]): Finding[] {
  const all = new Set(feed);
  const known = new Set(seen);
  const found = (what: string, ids: Iterable<string>): Finding[] =>
    [...ids].map((detail) => ({ what, detail }));
  const once = new Set<string>();
  const twice = seen.filter((id) => once.size === once.add(id).size);
  const findings = [
    ...found('an event that its follower never saw', all.difference(known)),
    ...found('an event that its follower saw, and that is not there', known.difference(all)),
    ...found('an event that its follower saw twice', twice),
  ];
  if (findings.length > 0) return findings;
  const first = feed.findIndex((id, index) => id !== seen[index]);
  return first < 0 ? [] : found('an event that its follower saw out of order', [seen[first]!]);
}
