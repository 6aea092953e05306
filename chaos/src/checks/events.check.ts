import { encodeCursor } from '@scoria/store';
import type { Check, Finding } from './check.js';
import { endSeen, feedOf, missed } from './feed.js';

export const eventsCheck: Check = {
  name: 'every operation was told of when it began and when it ended, every other change when it was made, once, and who follows the events missed none and saw none twice',
  async look({ database, follower, ledger }) {
    const told = await database.query<Told>(
      `select o.id, o.kind, o.state, array_remove(array_agg(e.type order by e.xid, e.id), null) as types
         from operations o left join events e on e.operation_id = o.id group by o.id`,
    );
    const strangers = await database.query<{ id: string; type: string }>(
      `select operation_id as id, type from events e
        where operation_id is not null and not exists (select from operations o where o.id = e.operation_id)`,
    );
    const changes = await database.query<{ key: string; count: number }>(
      `select type || ' ' || resource_id as key, count(*)::int as count from events
        where operation_id is null and resource_id is not null group by 1`,
    );
    const feed = (await feedOf(database)).map(encodeCursor);
    await endSeen(feed, follower.seen);
    return [
      ...untold(told),
      ...miscounted(ledger.counts('event'), new Map(changes.map(({ key, count }) => [key, count]))),
      ...strangers.map(({ id, type }) => ({
        what: 'an event of an operation that is not there',
        detail: `${type} of ${id}`,
        id,
      })),
      ...missed('the follower', feed, follower.seen),
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

/** Changes without an operation, as `type resource`, whose events are not as many as were accepted. */
export function miscounted(
  accepted: ReadonlyMap<string, number>,
  told: ReadonlyMap<string, number>,
): Finding[] {
  return [...accepted].flatMap(([key, count]) => {
    const there = told.get(key) ?? 0;
    if (there === count) return [];
    const what =
      there < count ? 'a change that no event tells of' : 'a change that was told of more than once';
    return { what, detail: `${key}: ${there} for ${count}`, id: key.split(' ')[1]! };
  });
}
