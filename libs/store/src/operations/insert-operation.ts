import { randomUUID } from 'node:crypto';
import { SCHEDULER_QUEUE, volumeQueue, type RequestContext } from '@scoria/domain';
import { nextStep, type OperationDefinition, type OperationRecord } from '@scoria/operations';
import { context, propagation } from '@opentelemetry/api';
import type { Tx } from '../database.js';
import { FACTS } from '../events/resource-facts.js';
import { wroteEvents } from '../events/wrote-events.js';

export interface NewOperation<Input> {
  definition: OperationDefinition<Input>;
  resourceType: OperationRecord['resourceType'];
  resourceId: string;
  input: Input;
  /** `host@backend`, when it is known beforehand. */
  backend?: string | null;
  context: RequestContext;
  /** The project the resource belongs to, when it is not the caller's. */
  projectId?: string;
  /** Whether somebody waits for its end (`waitForOperation`). */
  awaited?: boolean;
  /** What the operation reads and nobody may delete meanwhile. */
  holds?: { volumeId?: string; snapshotId?: string }[];
  /** What the `.start` event tells beside the resource's row, or instead of one that is still to come. */
  tells?: Readonly<Record<string, unknown>>;
}

/** What to ring once the transaction is committed. */
export interface DueOperation {
  operationId: string;
  queue: string;
  step: number;
}

/** Writes down the intent and its `.start` event, in the transaction that changes the resource. */
export async function insertOperation<Input>(tx: Tx, operation: NewOperation<Input>): Promise<DueOperation> {
  const { definition, input, context: request, backend = null } = operation;
  const step = nextStep(definition, input, 0);
  if (step === undefined) throw new Error(`${definition.kind}: nothing to do`);
  const { name, at } = definition.steps[step]!;
  if (at === 'backend' && backend === null) throw new Error(`${definition.kind}: no backend to go to`);
  const queue = at === 'scheduler' ? SCHEDULER_QUEUE : volumeQueue(backend!);
  const id = randomUUID();
  await tx.query(
    `with accepted as (
       insert into operations (id, kind, version, resource_type, resource_id, project_id, user_id, request_id,
                               traceparent, input, step, step_name, queue, backend, awaited, deadline)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
               now() + make_interval(secs => $16::float8))
       returning id, kind, resource_type, resource_id, project_id, request_id)
     insert into events (type, project_id, resource_type, resource_id, operation_id, request_id, payload)
     select kind || '.start', project_id, resource_type, resource_id, id, request_id,
            coalesce(${FACTS[operation.resourceType]('resource_id')} - 'status', '{}') || $17::jsonb
       from accepted`,
    [
      id,
      definition.kind,
      definition.version,
      operation.resourceType,
      operation.resourceId,
      operation.projectId ?? request.projectId,
      request.userId,
      request.requestId,
      currentTraceparent(),
      JSON.stringify(input),
      step,
      name,
      queue,
      backend,
      operation.awaited ?? false,
      definition.deadlineSeconds,
      JSON.stringify(operation.tells ?? {}),
    ],
  );
  wroteEvents(tx);
  for (const { volumeId = null, snapshotId = null } of operation.holds ?? []) {
    await tx.query('insert into operation_holds (operation_id, volume_id, snapshot_id) values ($1, $2, $3)', [
      id,
      volumeId,
      snapshotId,
    ]);
  }
  return { operationId: id, queue, step };
}

function currentTraceparent(): string | null {
  const carrier: { traceparent?: string } = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent ?? null;
}
