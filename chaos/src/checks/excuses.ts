import type { HistoryEntry } from '@scoria/store';
import { MOST_OFF_MS, jumpDatabaseClock } from '../faults/clock.fault.js';
import { programOf } from '../faults/command.fault.js';
import type { Blow } from '../storm.js';

/** An operation that did not succeed. Times are milliseconds since the epoch, by the database's clock. */
export interface Failed {
  kind: string;
  error: { message?: string; cause?: string } | null;
  began: number;
  ended: number;
  /** `host@backend` where it ended. */
  backend: string | null;
  /** The one backend or pool that could take it. */
  pinned: string | null;
  history: readonly HistoryEntry[];
}

/**
 * Milliseconds for which a healed fault of a host may still make a step's tries fail: the five tries that a step has at
 * most lie within 6 s, with their pauses and a sweep each. The last may come just after the end of what made the others
 * fail; a command that hung when the fault ended is part of its try, whose beginning is known.
 */
export const TRIES_MS = 6_000;
/**
 * Milliseconds for which a fault of a host may still be the reason of a refusal without a try: a placement waits this
 * long for a service that is silent, and one that has just been healed starts and reports within it.
 */
export const SILENCE_MS = 60_000;
/** Milliseconds after an outage of the database in which services may still count as silent: they report every 5 s. */
const HEARD_MS = 15_000;
/** Milliseconds that an operation may need undisturbed: as long as the slowest command that has a limit (`tgtadm`). */
export const UNDISTURBED_MS = 30_000;

/** What the histories call the services of storage hosts. */
const STORAGE_SERVICE = 'volume';
const FULL = /not enough capacity/;
const FIGURES = /\((\d+) GiB asked, (-?\d+) GiB free at most\)/g;
const SHORT = /CapacityFilter: (\d+) GiB asked, (-?\d+) GiB free/;
/** In the operator's account: a pool that would have been taken, had its host not been silent or reported itself down. */
const ONLY_UNSERVED = /(\S+)@\S+ \(ServiceFilter: [^,)]*\)/g;
const LATE = /did not finish in time/;

/**
 * Why an operation failed although nothing that was done to the world is reason enough, or undefined. Each host on which
 * it was given up needs a fault of that host during its last try there; a refusal needs a full pool or a fault of its host
 * for each that could have taken it; and what was too late needs faults for most of the time that it had.
 */
export function unexcused(operation: Failed, blows: readonly Blow[]): string | undefined {
  const message = operation.error?.message ?? '';
  if (FULL.test(message) && !isShort(message)) return 'refused for want of room that there was';
  const off = clockOff(operation, blows);
  const done = (host: string, from: number, to: number): Blow[] =>
    blows.filter(
      (blow) =>
        blow.host === host && blow.began < to + off && (blow.ended ?? Infinity) + TRIES_MS > from - off,
    );
  const struck = (host: string, from: number, to: number): boolean =>
    done(host, from, to).some((blow) => blow.fault.excuses && concerns(operation, blow));
  if (LATE.test(message)) return outOfTime(operation, blows, off);
  const tries = lastTries(operation);
  const alone = tries.filter(({ host, from, to }) => !struck(host, from, to));
  if (alone.length > 0) return `nothing was done to ${alone.map(({ host }) => host).join(', ')} meanwhile`;
  if (tries.length > 0) return undefined;
  const { began, ended } = operation;
  if (FULL.test(message)) {
    // Of a database that is, or was just now, away no service reports.
    const allSilent = blows.some(
      ({ aim, began: from, ended: to = Infinity }) =>
        aim === 'postgres' && from < ended + off && to > ended - off - HEARD_MS,
    );
    if (allSilent) return undefined;
    // Faults of any kind: several that follow each other may keep a service silent for longer than it is waited for.
    const well = unservedOf(operation).filter((host) => done(host, began - SILENCE_MS, ended).length === 0);
    return well.length === 0 ? undefined : `nothing was done to ${well.join(', ')}, which was not in service`;
  }
  if (isBoundToFull(operation)) return undefined;
  const waited = [...hostsOf(operation)].some((host) => struck(host, began - SILENCE_MS, ended));
  return waited ? undefined : 'it was refused, and nothing was done to a host that could have taken it';
}

/** Whether the figures of a refusal say so: more was asked for than is free. Without figures, a claim was refused. */
const isShort = (message: string): boolean =>
  [...message.matchAll(FIGURES)].every(([, asked, free]) => Number(asked) > Number(free));

/** Whether the one pool that could take it was full as well, whatever else was wrong with it. */
function isBoundToFull({ pinned, error }: Failed): boolean {
  if (pinned === null) return false;
  const reasons = (error?.cause ?? '').split('; ').filter((pool) => pool.includes(pinned));
  return reasons.some((reason) => {
    const [, asked, free] = SHORT.exec(reason) ?? [];
    return Number(asked) > Number(free);
  });
}

/** Hosts of the pools that only their silence has ruled out, by the account of the last placement. */
function unservedOf({ error }: Failed): string[] {
  const [account] = (error?.cause ?? '').split('; before that: ');
  return [...new Set([...account!.matchAll(ONLY_UNSERVED)].map(([, host]) => host!))];
}

/** Whether an operation of this kind runs what a fault of commands strikes: connects and disconnects run `tgtadm` alone. */
function concerns({ kind }: Failed, blow: Blow): boolean {
  const program = programOf(blow);
  return program === undefined || program === 'tgtadm' || !kind.startsWith('attachment.');
}

interface Try {
  host: string;
  from: number;
  to: number;
}

/** From the earlier to the later: a database whose clock was set back meanwhile has an end before the beginning. */
const inOrder = (one: number, other: number): [from: number, to: number] => [
  Math.min(one, other),
  Math.max(one, other),
];

/** The last failed try on each storage host; undos are tried for as long as it takes, and decide nothing. */
function lastTries({ history }: Failed): Try[] {
  const last = new Map<string, Try>();
  for (const { phase, outcome, service, host, at, since } of history)
    if (phase === 'run' && outcome === 'failed' && service === STORAGE_SERVICE && host !== undefined) {
      const [from, to] = inOrder(Date.parse(since ?? at), Date.parse(at));
      last.set(host, { host, from, to });
    }
  return [...last.values()];
}

/** Storage hosts that an operation was at, or that alone could have taken it. */
function hostsOf({ backend, pinned, history }: Failed): Set<string> {
  const tried = history.flatMap(({ service, host }) => (service === STORAGE_SERVICE && host ? [host] : []));
  const named = [backend, pinned].flatMap((address) => (address ? [address.split('@')[0]!] : []));
  return new Set([...tried, ...named]);
}

/** What its hosts and what all share were spared for too long, or undefined. */
function outOfTime(operation: Failed, blows: readonly Blow[], off: number): string | undefined {
  const hosts = hostsOf(operation);
  const [from, to] = [operation.began - off, operation.ended + off];
  const spells = blows
    .filter(({ host }) => host === undefined || hosts.has(host))
    .map(({ began, ended = Infinity }) => [Math.max(began, from), Math.min(ended, to)] as const)
    .sort(([a], [b]) => a - b);
  let disturbed = 0;
  let until = from;
  for (const [began, ended] of spells) {
    disturbed += Math.max(0, ended - Math.max(began, until));
    until = Math.max(until, ended);
  }
  const spared = operation.ended - operation.began - disturbed;
  return spared > UNDISTURBED_MS
    ? `too late, though nothing was done to it for ${Math.round(spared / 1000)} s`
    : undefined;
}

/** Milliseconds by which an operation's times may differ from those of the faults. */
function clockOff({ began, ended }: Failed, blows: readonly Blow[]): number {
  const [from, to] = inOrder(began, ended);
  const jumped = blows.some(
    (blow) =>
      blow.fault.name === jumpDatabaseClock.name &&
      blow.began < to + MOST_OFF_MS &&
      (blow.ended ?? Infinity) + MOST_OFF_MS > from,
  );
  return jumped ? MOST_OFF_MS : 0;
}
