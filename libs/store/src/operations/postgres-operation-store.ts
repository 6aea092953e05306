import {
  FencedError,
  type ClaimRequest,
  type HeldOperation,
  type OperationRecord,
  type OperationStore,
  type Transition,
  type Worker,
} from '@scoria/operations';
import type { Database, Tx } from '../database.js';
import { isDatabaseAway } from '../errors.js';
import { settle } from './settlements/index.js';

/** After this long without a heartbeat, a worker's row is of no use to anybody who looks into the table. */
const FORGET_AFTER = '1 hour';

/** How the engine's claims, leases and transitions are SQL. */
export class PostgresOperationStore implements OperationStore<Tx> {
  constructor(private readonly database: Database) {}

  /** Also forgets workers that died long ago: a missing row says the same as a lease that has passed. */
  async heartbeat(worker: Worker): Promise<HeldOperation[]> {
    return this.database.query<HeldOperation>(
      `with beat as (
         insert into workers (id, service, host, lease_until)
         values ($1, $2, $3, clock_timestamp() + make_interval(secs => $4::float8))
         on conflict (id) do update set lease_until = excluded.lease_until
         returning id),
       forgotten as (
         delete from workers where id in (
           select id from workers where lease_until < now() - interval '${FORGET_AFTER}' and id <> $1
              for update skip locked))
       select o.id, o.generation::float8 as generation, o.cancel_requested as "cancelRequested",
              o.deadline < now() as "deadlinePassed"
         from operations o where o.live and o.owner = (select id from beat)`,
      [worker.id, worker.service, worker.host, worker.leaseSeconds],
    );
  }

  async retire(worker: Worker): Promise<void> {
    await this.database.query('delete from workers where id = $1', [worker.id]);
  }

  /**
   * Two updates that race for a row are serialised by its lock, and the loser's condition is checked again on the
   * winner's version; `skip locked` only keeps sweeps of several workers from queueing behind each other.
   * Materialized: a plan that ran the selection once per candidate would claim more than the limit.
   * Rung claims are a statement of their own, so that the plan which is kept for them goes by the ids.
   */
  async claim(request: ClaimRequest): Promise<OperationRecord[]> {
    return this.database
      .query<OperationRecord>(
        `with due as materialized (
           select id, owner as previous_owner from operations
            where live and queue = $2 and due_at <= now()
              and kind || '/' || version = any($3) and id <> all($4)
              and (owner is null or owner = $1
                   or not exists (select from workers w where w.id = owner and w.lease_until > now()))
              ${request.ids ? 'and id = any($6)' : ''}
            order by due_at limit $5 for no key update skip locked)
         update operations o
            set owner = $1, generation = o.generation + 1, updated_at = clock_timestamp()
           from due
        where o.id = due.id
       returning o.id, o.kind, o.version, o.resource_type as "resourceType", o.resource_id as "resourceId",
                 o.project_id as "projectId", o.user_id as "userId", o.request_id as "requestId", o.traceparent,
                 o.input, o.data, o.state, o.step, o.resume_step as "resumeStep", o.queue, o.backend, o.attempt,
                 o.generation::float8 as generation, o.cancel_requested as "cancelRequested",
                 o.deadline < now() as "deadlinePassed", due.previous_owner is not null as "takenOver", o.error,
                 extract(epoch from clock_timestamp() - o.created_at)::float8 as "ageSeconds"`,
        [
          request.worker.id,
          request.queue,
          request.definitions,
          request.running,
          request.limit,
          ...(request.ids ? [request.ids] : []),
        ],
      )
      .then(rowsOfUpdate);
  }

  async transition<T extends Transition>(
    operation: OperationRecord,
    worker: Worker,
    transition: T | ((tx: Tx) => Promise<T>),
  ): Promise<T> {
    if (typeof transition !== 'function' && transition.to !== 'end') {
      await this.move(this.database.autocommit, operation, worker, transition);
      return transition;
    }
    return this.database.transaction(async (tx) => {
      // The row first: its lock and the fence come before anything that the step wants to write.
      if (typeof transition === 'function') await this.lock(tx, operation, worker);
      const made = typeof transition === 'function' ? await transition(tx) : transition;
      await this.move(tx, operation, worker, made);
      if (made.to === 'end') await settle(tx, operation, made);
      return made;
    });
  }

  isAway(error: unknown): boolean {
    return isDatabaseAway(error);
  }

  async saveProgress(operation: Pick<OperationRecord, 'id' | 'generation'>, percent: number): Promise<void> {
    await this.database.query(
      'update operations set progress = $3 where id = $1 and generation = $2 and live',
      [operation.id, operation.generation, percent],
    );
  }

  private async lock(tx: Tx, operation: OperationRecord, worker: Worker): Promise<void> {
    const rows = await tx.query<unknown[]>(
      `select from operations where ${CLAIM_HOLDS} for update`,
      fence(operation, worker),
    );
    if (rows.length !== 1) throw new FencedError(operation.id);
  }

  private async move(
    tx: Tx,
    operation: OperationRecord,
    worker: Worker,
    transition: Transition,
  ): Promise<void> {
    const [set, parameters] = assignments(transition, worker);
    const [, affected] = await tx.query<[unknown[], number]>(
      `update operations set updated_at = clock_timestamp(), ${set} where ${CLAIM_HOLDS}`,
      [...fence(operation, worker), ...parameters],
    );
    if (affected !== 1) throw new FencedError(operation.id);
  }
}

/** The fence; its parameters are `fence(…)`. */
const CLAIM_HOLDS = 'id = $1 and owner = $2 and generation = $3 and step = $4 and state = $5';

const fence = ({ id, generation, step, state }: OperationRecord, worker: Worker): unknown[] => [
  id,
  worker.id,
  generation,
  step,
  state,
];

/** The columns that a transition sets; parameters from $6 on. */
function assignments(transition: Transition, worker: Worker): [string, unknown[]] {
  switch (transition.to) {
    case 'step':
      return [
        `state = 'running', step = $6, step_name = $7, queue = $8, backend = $9, data = data || $10, owner = $11,
         attempt = 0, resume_step = null, due_at = now()`,
        [
          transition.step,
          transition.stepName,
          transition.queue,
          transition.backend,
          JSON.stringify(transition.data),
          transition.keep ? worker.id : null,
        ],
      ];
    case 'undo':
      return [
        `state = 'undoing', step = $6, step_name = $7, queue = $8, resume_step = $9, data = data || $10, owner = $11,
         error = $12, attempt = 0, due_at = now()`,
        [
          transition.step,
          transition.stepName,
          transition.queue,
          transition.resumeStep,
          JSON.stringify(transition.data),
          transition.keep ? worker.id : null,
          JSON.stringify(transition.error),
        ],
      ];
    case 'retry':
      return [
        `owner = null, attempt = attempt + $6, error = coalesce($7, error),
         due_at = clock_timestamp() + make_interval(secs => $8::float8)`,
        [
          transition.counts ? 1 : 0,
          transition.error && transition.counts ? JSON.stringify(transition.error) : null,
          transition.delayMs / 1000,
        ],
      ];
    case 'end':
      return [
        `state = $6, owner = null, data = data || $7, error = $8, finished_at = clock_timestamp(),
         progress = case when $6 = 'succeeded' then 100 else progress end`,
        [
          transition.state,
          JSON.stringify(transition.data),
          transition.error && JSON.stringify(transition.error),
        ],
      ];
  }
}

/** TypeORM answers an UPDATE … RETURNING with [rows, count]. */
function rowsOfUpdate<Row>(answer: Row[]): Row[] {
  return (answer as unknown as [Row[], number])[0];
}
