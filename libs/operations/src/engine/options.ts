import type { OperationRecord } from '../record.js';
import type { StepRegistry } from '../step-handler.js';
import type { OperationStore, Transition, Worker } from '../store-port.js';

/** By its doorbell; in its turn, out of a backlog; or by a sweep, which means that its doorbell was lost. */
export type ClaimedHow = 'rung' | 'queued' | 'swept';

export interface EngineOptions<Tx> {
  worker: Worker;
  store: OperationStore<Tx>;
  steps: StepRegistry<Tx>;
  /** Tells the service behind `queue` that a step is due. May fail: sweeps find what was not told. */
  ring(queue: string, bell: { operationId: string; step: number }): Promise<void>;
  /** Operations in flight per queue. */
  maxConcurrent: number;
  /** The part of these slots that one project may hold; see `mayTakeSlot`. */
  projectShare: number;
  heartbeatMs: number;
  sweepMs: number;
  retry: { baseDelayMs: number; maxDelayMs: number };

  /** Observers, for logs and metrics. They must not throw. */
  onClaimed?(operation: OperationRecord, how: ClaimedHow): void;
  /** `ageSeconds`: since the operation was asked for. */
  onTransition?(operation: OperationRecord, transition: Transition, ageSeconds: number): void;
  /** `again`: whether the same step will be tried again. */
  onStepFailed?(operation: OperationRecord, step: string, error: unknown, again: boolean): void;
  onUndoFailed?(operation: OperationRecord, step: string, error: unknown): void;
  /** A claim, heartbeat or commit did not reach the database. */
  onTrouble?(what: string, error: unknown): void;
  /** Wraps a whole run of an operation, for log context. */
  around?<T>(operation: OperationRecord, run: () => Promise<T>): Promise<T>;

  /** Lets tests fail, stall or kill at any point of any step. */
  intercept?(at: {
    operation: OperationRecord;
    step: string;
    phase: 'run' | 'undo';
    moment: 'before' | 'after';
  }): Promise<void>;
}
