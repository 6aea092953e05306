import { Fault } from '@scoria/domain';
import { OPERATIONS, definitionKey, nextStep, type OperationDefinition } from '@scoria/operations';
import type { Tx } from '../database.js';
import type { DueOperation } from '../operations/insert-operation.js';
import { requestCancel } from './cancel-operation.js';
import { lockRow } from './rows.js';

interface SteeredOperation {
  id: string;
  kind: string;
  version: number;
  input: unknown;
  state: 'running' | 'undoing' | 'succeeded' | 'failed' | 'cancelled';
  live: boolean;
  step: number;
  resumeStep: number | null;
  queue: string;
  owned: boolean;
  cancelRequested: boolean;
}

const DEFINITIONS = new Map(OPERATIONS.map((definition) => [definitionKey(definition), definition]));

/**
 * Asks for an operation to be stopped and undone, where its definition allows that. Answers whom to ring: it is looked at
 * at once, by the worker that has it at its next heartbeat. Asking again changes nothing.
 *
 * @param projectId whose it must be; null: anybody's
 * @throws Fault `notFound`; `conflict` when it has ended, is being undone already, or only goes forward
 */
export async function cancelOperation(tx: Tx, id: string, projectId: string | null): Promise<DueOperation> {
  const operation = await lockOperation(tx, id, projectId);
  const refusal = operation.cancelRequested && operation.live ? undefined : whyNotCancel(operation);
  if (refusal !== undefined) throw new Fault('conflict', `Operation ${id} cannot be cancelled: ${refusal}`);
  await requestCancel(tx, id);
  return dueOf(operation);
}

/**
 * Makes a waiting operation due at once: a step that backs off, an undo that keeps failing. One that a worker is at work
 * on is left as it is. Answers whom to ring.
 *
 * @param projectId whose it must be; null: anybody's
 * @throws Fault `notFound`; `conflict` when it has ended, with the request that asks for the same anew
 */
export async function retryOperation(tx: Tx, id: string, projectId: string | null): Promise<DueOperation> {
  const operation = await lockOperation(tx, id, projectId);
  if (!operation.live)
    throw new Fault('conflict', `Operation ${id} cannot be retried: ${whyNotRetry(operation)}`);
  await tx.query('update operations set due_at = least(due_at, now()) where id = $1 and owner is null', [id]);
  return dueOf(operation);
}

function whyNotCancel(operation: SteeredOperation): string | undefined {
  if (!operation.live) return `it has ended (${operation.state}).`;
  if (operation.state === 'undoing' && operation.resumeStep === null) return 'it is being undone already.';
  const definition = definitionOf(operation);
  if (!definition) return `${operation.kind} ${operation.version} is of a newer version of Scoria.`;
  if (definition.cancel === 'undo') return undefined;
  if (definition.cancel === 'never') return `${operation.kind} only goes forward.`;
  const untouched = !operation.owned && operation.step === nextStep(definition, operation.input, 0);
  return untouched ? undefined : `${operation.kind} only goes forward once it has begun.`;
}

function whyNotRetry(operation: SteeredOperation): string {
  if (operation.state === 'succeeded') return 'it has succeeded.';
  const again = definitionOf(operation)?.again;
  return `it has ended (${operation.state}). ${again ? `Ask anew: ${again}.` : 'Ask anew.'}`;
}

const definitionOf = (operation: SteeredOperation): OperationDefinition<never> | undefined =>
  DEFINITIONS.get(definitionKey(operation));

function lockOperation(tx: Tx, id: string, projectId: string | null): Promise<SteeredOperation> {
  return lockRow<SteeredOperation>(
    tx,
    `select id, kind, version, input, state, live, step, resume_step as "resumeStep", queue,
            owner is not null as owned, cancel_requested as "cancelRequested"
       from operations where id = $1::uuid`,
    { table: 'operations', kind: 'Operation', id, projectId, strength: 'update' },
  );
}

const dueOf = ({ id, queue, step }: SteeredOperation): DueOperation => ({ operationId: id, queue, step });
