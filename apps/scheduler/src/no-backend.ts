import { trace } from '@opentelemetry/api';
import { Fault, type FaultKind } from '@scoria/domain';
import type { RefusedPool } from './rank.js';

/** Pools that the operator's account names one by one. */
const POOLS_NAMED = 10;

/**
 * Nothing can take the request, and this is why. The tenant is told counts and reasons, never the names of
 * infrastructure; the operator finds pool after pool in the cause and in the trace. `before` is what an earlier
 * placement of the same request came to.
 */
export function noBackend(sizeGib: number, refused: readonly RefusedPool[], before?: string): Fault {
  return fault('conflict', sizeGib, refused, before);
}

/** Others were faster wherever there was room. That may be because of an old view, and is worth another try. */
export function allLost(sizeGib: number, candidates: readonly { address: string }[]): Fault {
  const reason = { filter: 'claim', reason: 'filled by others just now', detail: 'claim lost' };
  const refused = candidates.map(({ address }) => ({ address, reasons: [reason] }));
  return fault('unavailable', sizeGib, refused);
}

function fault(kind: FaultKind, sizeGib: number, refused: readonly RefusedPool[], before?: string): Fault {
  const account = forOperator(refused) + (before === undefined ? '' : `; before that: ${before}`);
  trace.getActiveSpan()?.addEvent('no backend', { 'scoria.placement.refused': account });
  return new Fault(kind, forTenant(sizeGib, refused), { detail: 'noBackend', cause: new Error(account) });
}

/** Pools by the first reason that each gave, the most frequent first. */
function forTenant(sizeGib: number, refused: readonly RefusedPool[]): string {
  if (refused.length === 0) return 'There are no pools.';
  const groups = new Map<string, { count: number; freeGib?: number }>();
  for (const { reasons } of refused) {
    const { reason, freeGib } = reasons[0]!;
    const group = groups.get(reason) ?? { count: 0 };
    group.count++;
    if (freeGib !== undefined) group.freeGib = Math.max(group.freeGib ?? 0, freeGib);
    groups.set(reason, group);
  }
  const parts = [...groups]
    .sort(([, a], [, b]) => b.count - a.count)
    .map(([reason, { count, freeGib }]) => `${count} ${reason}${figures(sizeGib, freeGib)}`);
  return `${refused.length} ${refused.length === 1 ? 'pool' : 'pools'}: ${parts.join(', ')}.`;
}

const figures = (sizeGib: number, freeGib?: number): string =>
  freeGib === undefined ? '' : ` (${sizeGib} GiB asked, ${freeGib} GiB free at most)`;

function forOperator(refused: readonly RefusedPool[]): string {
  const named = refused.slice(0, POOLS_NAMED).map(({ address, reasons }) => {
    return `${address} (${reasons.map(({ filter, detail }) => `${filter}: ${detail}`).join(', ')})`;
  });
  const more = refused.length - named.length;
  if (more > 0) named.push(`and ${more} more`);
  return named.join('; ') || 'no pool is known';
}
