import type { Checkpoint } from '@scoria/domain';
import type { OperationError, OperationRecord } from './record.js';

/** A process that runs operations. Its lease covers all that it has claimed: one heartbeat per process. */
export interface Worker {
  id: string;
  service: string;
  host: string;
  leaseSeconds: number;
}

export interface HeldOperation {
  id: string;
  generation: number;
  cancelRequested: boolean;
  deadlinePassed: boolean;
}

export interface ClaimRequest {
  worker: Worker;
  queue: string;
  limit: number;
  /** `kind/version` of what this process can run; anything else is left for a process that can. */
  definitions: string[];
  /**
   * What the worker is running of this queue, and therefore leaves alone: a retry may be due before its run has learnt
   * that it was committed. Of its own claims it may take the others again: their answers were lost.
   */
  running: readonly Pick<OperationRecord, 'id' | 'projectId'>[];
  /** Operations of this queue that the worker runs at once, and the part of them one project may hold (`mayTakeSlot`). */
  slots: number;
  share: number;
  /** The project that was served last: turns go on after it. */
  after?: string;
  /** Only these; otherwise whatever is due, the projects in turn and of each the oldest first. */
  ids?: string[];
}

/** What becomes of a claimed operation. Exactly one row changes, and only while the claim still holds. */
export type Transition =
  | {
      to: 'step';
      step: number;
      stepName: string;
      queue: string;
      backend: string | null;
      data: object;
      keep: boolean;
    }
  | {
      to: 'undo';
      step: number;
      stepName: string;
      queue: string;
      resumeStep: number | null;
      data: object;
      error: OperationError;
      keep: boolean;
    }
  | {
      to: 'retry';
      delayMs: number;
      counts: boolean;
      error: OperationError | null;
      /** Why there is a next time, when that is not `error`: why an undo failed, say. */
      failure?: OperationError;
    }
  | { to: 'end'; state: 'succeeded' | 'failed' | 'cancelled'; data: object; error: OperationError | null };

/** How a claimed step has come out, for the operation's history. */
export type StepOutcomeName = 'done' | 'failed' | 'waiting' | 'cancelled';

/** What a transition says of the step that it leaves, and why. */
export function outcomeOf(
  operation: Pick<OperationRecord, 'state' | 'cancelRequested'>,
  transition: Transition,
): [StepOutcomeName, OperationError | null] {
  if (transition.to === 'retry') {
    const error = transition.failure ?? transition.error;
    // A wait is no failure, whatever words its error has.
    return transition.counts ? ['failed', error] : ['waiting', error && { ...error, message: 'Waiting.' }];
  }
  const wentWell =
    operation.state === 'undoing' ||
    transition.to === 'step' ||
    (transition.to === 'end' && !transition.error);
  if (wentWell) return ['done', null];
  const { error } = transition as Extract<Transition, { to: 'undo' | 'end' }>;
  return [operation.cancelRequested ? 'cancelled' : 'failed', error];
}

/** The claim was lost: another worker goes on with the operation, and what this one did is not committed. */
export class FencedError extends Error {
  override name = 'FencedError';
  constructor(operationId: string) {
    super(`operation ${operationId} has gone to another worker`);
  }
}

/**
 * What the engine needs of the database. `Tx` is the store's transaction handle; the engine only passes it on.
 */
export interface OperationStore<Tx> {
  /** Makes or renews the worker's lease and tells what the worker holds. One statement. */
  heartbeat(worker: Worker): Promise<HeldOperation[]>;

  /** Gives up the lease: everything the worker still held is claimable at once. */
  retire(worker: Worker): Promise<void>;

  /**
   * Takes operations that are due and that no living worker holds, none beyond its project's share. Each claim raises
   * the generation. Answers them in the order in which the projects' turns came.
   */
  claim(request: ClaimRequest): Promise<OperationRecord[]>;

  /**
   * Makes a transition. One that is still to be decided is decided in its transaction, once the row is locked and the
   * claim was found to hold, so that what the decision writes and the transition are one commit. An operation that
   * ends is also settled (statuses, usage, claims, user message, event) in the same transaction. Throws `FencedError`
   * when the claim no longer holds, or when the row is no longer at the step that `operation` shows (an earlier
   * commit whose answer was lost). Answers the transition that was made.
   */
  transition<T extends Transition>(
    operation: OperationRecord,
    worker: Worker,
    transition: T | ((tx: Tx) => Promise<T>),
  ): Promise<T>;

  /** Whether an error means that the store itself was out of reach: no fault of the step that met it. */
  isAway(error: unknown): boolean;

  /** Kept until the operation leaves its step. Throws `FencedError` as `transition` does. */
  saveCheckpoint(operation: OperationRecord, worker: Worker, checkpoint: Checkpoint): Promise<void>;

  /** 0–100; ignored when the claim no longer holds. */
  saveProgress(operation: Pick<OperationRecord, 'id' | 'generation'>, percent: number): Promise<void>;
}
