import { utcTime } from '../sql/utc-time.js';

/** `operations.claim`: who has the operation, or last had it. */
export interface OperationClaim {
  worker: string;
  service: string;
  host: string;
  /** UTC, with microseconds. */
  since: string;
}

/** One entry of `operations.history`: a step's or an undo's try, and how it came out. */
export interface HistoryEntry extends Partial<OperationClaim> {
  /** When it came out. */
  at: string;
  step: string;
  phase: 'run' | 'undo';
  attempt: number;
  generation: number;
  /**
   * `done`; `failed`, tried again or the start of the undo; `waiting`, for something else; `lost`, its worker was gone;
   * `cancelled` by request; `abandoned` by an administrator, its cause says by whom.
   */
  outcome: 'done' | 'failed' | 'waiting' | 'lost' | 'cancelled' | 'abandoned';
  /** For the tenant. */
  reason?: string;
  /** For the operator. */
  cause?: string;
  /** How often in a row, when more than once. */
  times?: number;
}

/** SQL of a new claim by worker `$1`. */
export const CLAIM = (service: string, host: string): string =>
  `jsonb_build_object('worker', $1::uuid, 'service', ${service}::text, 'host', ${host}::text,
                      'since', ${utcTime('clock_timestamp()')})`;

/** SQL of a row's history with what its worker has done to its current step. `error`: of an OperationError. */
export const remember = (outcome: string, error: string): string =>
  `remember_step(history, claim, owner, step_name, state, attempt, generation, ${outcome}::text, ${error}::jsonb)`;

/** The same for a row `o` that is taken from a worker that is gone. */
export const REMEMBER_LOST = `
  remember_step(o.history, o.claim, o.owner, o.step_name, o.state, o.attempt, o.generation, 'lost', null)`;
