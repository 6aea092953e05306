import type { Database, EventCursor } from '@scoria/store';
import { until } from '../field/until.js';
import type { Finding } from './check.js';

/**
 * Milliseconds for the end of the feed to have come: a stream may have to notice first that its way is broken, a webhook
 * may wait for the lease of a scheduler that was killed, and for its receiver's next turn.
 */
const FOLLOWED_MS = 120_000;

/** Where every event is that there is. */
export function feedOf(database: Database): Promise<EventCursor[]> {
  return database.query<EventCursor>(
    'select xid::float8 as xid, id::float8 as id from events order by events.xid, events.id',
  );
}

/** Resolves when the end of the feed has been seen, or has not been for too long: what is missing then shows. */
export async function endSeen(feed: readonly string[], seen: readonly string[]): Promise<void> {
  await until('the end of the feed', FOLLOWED_MS, async () => seen.includes(feed.at(-1)!)).catch(
    () => undefined,
  );
}

/** What differs between the feed and what `who` has seen of it. */
export function missed(who: string, feed: readonly string[], seen: readonly string[]): Finding[] {
  const all = new Set(feed);
  const known = new Set(seen);
  const found = (what: string, ids: Iterable<string>): Finding[] =>
    [...ids].map((detail) => ({ what, detail }));
  const once = new Set<string>();
  const twice = seen.filter((id) => once.size === once.add(id).size);
  const findings = [
    ...found(`an event that ${who} never saw`, all.difference(known)),
    ...found(`an event that ${who} saw, and that is not there`, known.difference(all)),
    ...found(`an event that ${who} saw twice`, twice),
  ];
  if (findings.length > 0) return findings;
  const first = feed.findIndex((id, index) => id !== seen[index]);
  return first < 0 ? [] : found(`an event that ${who} saw out of order`, [seen[first]!]);
}
