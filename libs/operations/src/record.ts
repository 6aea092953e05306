import type { Checkpoint, FaultKind } from '@scoria/domain';

/** An operation's row, as the engine and the step handlers see it. */
export interface OperationRecord<Input = unknown> {
  id: string;
  kind: string;
  version: number;
  resourceType: 'volume' | 'snapshot' | 'attachment';
  resourceId: string;
  projectId: string;
  userId: string;
  requestId: string;
  /** W3C trace context of the request that asked for it. */
  traceparent: string | null;
  input: Input;
  /** What finished steps left for later ones. */
  data: Record<string, unknown>;
  /** How far an interrupted run of this very step came; null when there is none. */
  checkpoint: Checkpoint | null;
  state: 'running' | 'undoing';
  step: number;
  /** While undoing: the step to go on from afterwards, or null when the operation is to end as failed. */
  resumeStep: number | null;
  queue: string;
  /** `host@backend`, once known. */
  backend: string | null;
  /** Failed tries of the current step. */
  attempt: number;
  /** Grows with each claim; a commit that carries an older one is refused. */
  generation: number;
  cancelRequested: boolean;
  /** By the database's clock, at claim time. */
  deadlinePassed: boolean;
  /** Whether the claim took it from a worker that had died or stalled. */
  takenOver: boolean;
  error: OperationError | null;
  /** Seconds since it was asked for, at claim time. */
  ageSeconds: number;
}

export interface OperationError {
  /** For the tenant. */
  message: string;
  /** What kind of answer a caller who waited deserves; absent when nobody had words for the failure. */
  kind?: FaultKind;
  /** A key of the user-message details. */
  detail?: string;
  /** For the operator; never shown to tenants. */
  cause?: string;
}
