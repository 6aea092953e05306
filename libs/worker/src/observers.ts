import { OPERATIONS, type EngineOptions, type OperationRecord, type Transition } from '@scoria/operations';
import { isDatabaseAway, type Tx } from '@scoria/store';
import { count, record, withLogContext } from '@scoria/telemetry';
import { describeError } from '@scoria/domain';
import type { ServiceLogger } from './logger.js';

type Observers = Pick<
  EngineOptions<Tx>,
  'onClaimed' | 'onTransition' | 'onStepFailed' | 'onUndoFailed' | 'onTrouble' | 'around'
>;

/** An undo that failed this often is an error for the operator, no longer a warning. */
const STUCK_UNDO_ATTEMPTS = 3;

/** What the engine does, as log lines and metrics. */
export function observers(
  logger: ServiceLogger,
  onEnded?: (operation: { kind: string; backend: string | null }) => void,
): Observers {
  // A series that begins with its first burst shows no growth: that burst would raise no alert.
  for (const { kind } of OPERATIONS) count('scoria_operation_lease_takeovers', { kind }, 0);
  return {
    onClaimed({ kind, queue, takenOver, id }, how) {
      if (how === 'swept') count('scoria_operations_swept', { queue });
      if (!takenOver) return;
      count('scoria_operation_lease_takeovers', { kind });
      logger.warn({ operationId: id, kind }, 'operation taken over from a worker that is gone');
    },
    onTransition(operation, transition, ageSeconds) {
      const { kind } = operation;
      if (transition.to !== 'end') return;
      const outcome = transition.state === 'succeeded' ? 'done' : transition.state;
      record('scoria_operation_duration_seconds', ageSeconds, { kind, outcome });
      logEnd(logger, operation, transition, ageSeconds);
      onEnded?.(operation);
    },
    onStepFailed(operation, step, error, again) {
      if (again) count('scoria_operation_step_retries', { kind: operation.kind, step });
      logger.warn(
        { kind: operation.kind, step, attempt: operation.attempt, reason: describeError(error) },
        'step failed',
      );
    },
    onUndoFailed(operation, step, error) {
      count('scoria_operation_undo_failures', { kind: operation.kind, step });
      const fields = { kind: operation.kind, step, attempt: operation.attempt, reason: describeError(error) };
      if (operation.attempt + 1 >= STUCK_UNDO_ATTEMPTS)
        logger.error(fields, 'undo keeps failing; it is tried until it succeeds');
      else logger.warn(fields, 'undo failed; it will be tried again');
    },
    onTrouble(what, error) {
      const fields = { what, reason: describeError(error) };
      if (isDatabaseAway(error)) logger.warn(fields, 'the database could not be reached');
      else logger.error(fields, 'the engine of operations met an error; it goes on');
    },
    around({ id, requestId }, run) {
      return withLogContext({ operationId: id, requestId }, run);
    },
  };
}

function logEnd(
  logger: ServiceLogger,
  { kind, resourceId }: OperationRecord,
  { state, error }: Extract<Transition, { to: 'end' }>,
  ageSeconds: number,
): void {
  const fields = { kind, resourceId, seconds: Number(ageSeconds.toFixed(3)) };
  if (state === 'succeeded') logger.info(fields, 'operation done');
  else
    logger.warn(
      { ...fields, state, reason: error?.cause ?? error?.message },
      'operation ended without success',
    );
}
