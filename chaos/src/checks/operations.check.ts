import type { Check, Finding, Scene } from './check.js';
import { unexcused, type Failed } from './excuses.js';

interface Ended extends Failed {
  id: string;
  resource: string;
  state: string;
}

/** Acts whose operations may be cancelled: they were asked to be. */
const CANCELLING = ['create, cancel', 'create, force delete'];

/** Every request that was accepted began its operation once, and ended well, or badly for a reason. */
export const operationsCheck: Check = {
  name: 'no operation lost, none done twice, none failed without a fault that explains it',
  async look(scene) {
    const ended = await scene.database.query<Ended>(
      `select id, kind, resource_id as resource, state, error, backend, history, input ->> 'pinnedTo' as pinned,
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
  return ended
    .filter(({ state }) => state === 'failed' || state === 'cancelled')
    .filter(({ state, resource }) => !(state === 'cancelled' && cancelled.has(resource)))
    .flatMap((operation) => {
      const why = unexcused(operation, blows);
      if (why === undefined) return [];
      const { id, kind, state, error } = operation;
      return {
        what: 'failed though nothing that happened is reason enough',
        detail: `${kind} ${id} ${state}: ${why}; ${JSON.stringify(error)}`,
        id,
      };
    });
}
