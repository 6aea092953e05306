import { MOST_BEHIND_MS, jumpDatabaseClock } from '../faults/clock.fault.js';
import type { Blow } from '../storm.js';
import type { Check, Finding, Scene } from './check.js';

interface Ended {
  id: string;
  kind: string;
  resource: string;
  state: string;
  error: { message?: string } | null;
  /** Milliseconds since the epoch, by the database's clock. */
  began: number;
  ended: number;
}

/** Milliseconds that a fault may go on to be felt: retries back off, and the database's clock may be ahead. */
const AFTERMATH_MS = 45_000;
/** Pools fill up, and a copy has to lie where its source does: no fault of anybody's. */
const FULL = /not enough capacity/;
/** Acts whose operations may be cancelled: they were asked to be. */
const CANCELLING = ['create, cancel', 'create, force delete'];

/** Every request that was accepted began its operation once, and ended well, or badly for a reason. */
export const operationsCheck: Check = {
  name: 'no operation lost, none done twice, none failed without a fault that explains it',
  async look(scene) {
    const ended = await scene.database.query<Ended>(
      `select id, kind, resource_id as resource, state, error,
              extract(epoch from created_at)::float8 * 1000 as began,
              extract(epoch from coalesce(finished_at, now()))::float8 * 1000 as ended
         from operations`,
    );
    return [...counted(scene, ended), ...failed(scene, ended)];
  },
};

/** What was never made, by these, is removed without an operation. */
const MADE_BY: Readonly<Record<string, string>> = {
  'volume.delete': 'volume.create',
  'attachment.disconnect': 'attachment.connect',
};

function counted({ ledger }: Scene, ended: readonly Ended[]): Finding[] {
  const keyOf = ({ kind, resource }: Ended): string => `${kind} ${resource}`;
  const succeeded = new Set(ended.filter(({ state }) => state === 'succeeded').map(keyOf));
  const begun = Map.groupBy(ended, keyOf);
  const found: Finding[] = [];
  for (const [key, count] of ledger.counts()) {
    const there = begun.get(key)?.length ?? 0;
    begun.delete(key);
    const [kind, id] = key.split(' ') as [string, string];
    const least = succeeded.has(`${MADE_BY[kind] ?? kind} ${id}`) || !(kind in MADE_BY) ? count : 0;
    if (there > count)
      found.push({ what: 'done more often than asked', detail: `${key}: ${there} for ${count}`, id });
    if (there < least)
      found.push({ what: 'an accepted request was lost', detail: `${key}: ${there} of ${count}`, id });
  }
  for (const key of begun.keys())
    if (!key.startsWith('attachment.'))
      found.push({ what: 'done though nobody was told', detail: key, id: key.split(' ')[1]! });
  return found;
}

function failed({ ledger, blows }: Scene, ended: readonly Ended[]): Finding[] {
  const cancelled = new Set(
    ledger.accepted.filter(({ act }) => CANCELLING.includes(act)).map(({ resourceId }) => resourceId),
  );
  const excuses = blows.filter(({ fault }) => fault.excuses);
  return ended
    .filter(({ state }) => state === 'failed' || state === 'cancelled')
    .filter(({ state, resource }) => !(state === 'cancelled' && cancelled.has(resource)))
    .filter(({ error }) => !FULL.test(error?.message ?? ''))
    .filter((operation) => {
      const byOurs = operation.ended + behind(operation, blows);
      return !excuses.some(
        ({ began, ended: over }) => began < byOurs && (over ?? Infinity) + AFTERMATH_MS > operation.began,
      );
    })
    .map(({ id, kind, state, error }) => ({
      what: 'failed though nothing that happened is reason enough',
      detail: `${kind} ${id} ${state}: ${JSON.stringify(error)}`,
      id,
    }));
}

/** Milliseconds that an operation's times may lie before what they were by the clock of the faults. */
function behind({ began, ended }: Ended, blows: readonly Blow[]): number {
  const jumped = blows.some(
    ({ fault, began: from, ended: until }) =>
      fault.name === jumpDatabaseClock.name &&
      from < ended + MOST_BEHIND_MS &&
      (until ?? Infinity) + MOST_BEHIND_MS > began,
  );
  return jumped ? MOST_BEHIND_MS : 0;
}
