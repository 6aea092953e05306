import { minorOf, type Version } from './microversion.js';

/** One thing that exists only from a microversion on. */
export interface Gate {
  since: Version;
  /** What is gated, e.g. `GET /volumes/summary`, `CreateVolumeBody.group_id`, `volumes view: group_id`. */
  what: string;
}

const gates: Gate[] = [];

/** Called by whatever declares a gate, beside what it gates. */
export function declareGate(since: Version, what: string): void {
  gates.push({ since, what });
}

/** All gates that the code declares, by version: the history of the wire as it is built. */
export function listGates(): Gate[] {
  return [...gates].sort((a, b) => minorOf(a.since) - minorOf(b.since) || a.what.localeCompare(b.what));
}
