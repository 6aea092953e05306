import { readFileSync, readdirSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

/** A process and all below it: PostgreSQL's backends come and go under its postmaster. */
export type ProcessGroup = Record<string, number>;

interface Stat {
  parent: number;
  /** User and system ticks of the process and of its children that have ended. */
  ticks: number;
}

/** CPU milliseconds spent so far by each named process, its descendants included. */
export function cpuMs(group: ProcessGroup): Record<string, number> {
  const stats = readAll();
  const children = Map.groupBy(stats.keys(), (pid) => stats.get(pid)!.parent);
  const total = (pid: number): number =>
    (stats.get(pid)?.ticks ?? 0) + (children.get(pid) ?? []).reduce((sum, child) => sum + total(child), 0);
  return Object.fromEntries(
    Object.entries(group).map(([name, pid]) => [name, (total(pid) * 1000) / TICKS_PER_SECOND]),
  );
}

/** The process and all below it. */
export function descendants(pid: number): number[] {
  const children = Map.groupBy(readAll(), ([, { parent }]) => parent);
  const below = (of: number): number[] => [
    of,
    ...(children.get(of) ?? []).flatMap(([child]) => below(child)),
  ];
  return below(pid);
}

/** What was spent between two readings. */
export function spent(before: Record<string, number>, after: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.keys(after).map((name) => [name, after[name]! - (before[name] ?? 0)]));
}

export const sum = (figures: Record<string, number>): number =>
  Object.values(figures).reduce((a, b) => a + b, 0);

function readAll(): Map<number, Stat> {
  const stats = new Map<number, Stat>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readStat(name);
    if (stat) stats.set(Number(name), stat);
  }
  return stats;
}

function readStat(pid: string): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [utime, stime, cutime, cstime] = [11, 12, 13, 14].map((index) => Number(fields[index]));
    return { parent: Number(fields[1]), ticks: utime! + stime! + cutime! + cstime! };
  } catch {
    return undefined; // It ended meanwhile.
  }
}
