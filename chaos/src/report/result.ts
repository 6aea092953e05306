import type { Finding } from '../checks/index.js';
import type { LeftOut } from '../faults/left-out.js';
import type { Blow } from '../storm.js';
import type { Seen } from '../workload/patient-client.js';
import type { Done } from '../workload/tenant.js';

/** What came out of a run. */
export interface Result {
  plan: string;
  seed: number;
  /** The same again. */
  command: string;
  /** Of the whole, in seconds. */
  seconds: number;
  done: readonly Done[];
  blows: readonly Blow[];
  leftOut: readonly LeftOut[];
  seen: Seen;
  /** Seconds from the last healing until nothing was under way any more. */
  convergence: number;
  checks: readonly { name: string; findings: readonly Finding[] }[];
  stories: readonly string[];
}

export const findingsOf = ({ checks }: Result): readonly Finding[] =>
  checks.flatMap(({ findings }) => findings);
