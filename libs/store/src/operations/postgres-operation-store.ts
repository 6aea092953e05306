import type { Checkpoint } from '@scoria/domain';
import {
  FencedError,
  outcomeOf,
  type ClaimRequest,
  type HeldOperation,
  type OperationRecord,
  type OperationStore,
  type Transition,
  type Worker,
} from '@scoria/operations';
import type { Database, Tx } from '../database.js';
import { isDatabaseAway } from '../errors.js';
import { claimStatement } from './claim-statements.js';
import { remember } from './history.js';
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

  async claim(request: ClaimRequest): Promise<OperationRecord[]> {
    return this.database.query<OperationRecord>(...claimStatement(request));
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
      const { awaited } = await this.move(tx, operation, worker, made);
      if (made.to === 'end') await settle(tx, operation, made, awaited);
      return made;
    });
  }

  isAway(error: unknown): boolean {
    return isDatabaseAway(error);
  }

  async saveCheckpoint(operation: OperationRecord, worker: Worker, checkpoint: Checkpoint): Promise<void> {
    const [, affected] = await this.database.query(
      `update operations set checkpoint = $6 where ${CLAIM_HOLDS}`,
      [...fence(operation, worker), JSON.stringify(checkpoint)],
    );
    if (affected !== 1) throw new FencedError(operation.id);
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
  ): Promise<{ awaited: boolean }> {
    const [set, parameters] = assignments(transition, worker);
    const [outcome, error] = outcomeOf(operation, transition);
    const [[moved]] = await tx.query<[{ awaited: boolean }[], number]>(
      `${transition.to === 'end' ? LET_GO : ''}
       update operations set updated_at = clock_timestamp(), history = ${remember('$6', '$7')}, ${set}
        where ${CLAIM_HOLDS} returning awaited`,
      [...fence(operation, worker), outcome, error && JSON.stringify(error), ...parameters],
    );
    if (!moved) throw new FencedError(operation.id);
    return moved;
  }
}

/** The fence; its parameters are `fence(…)`. */
const CLAIM_HOLDS = 'id = $1 and owner = $2 and generation = $3 and step = $4 and state = $5';

/** What ends holds nothing any more. A fenced end deletes nothing either: it is rolled back. */
const LET_GO = 'with released as (delete from operation_holds where operation_id = $1)';

const fence = ({ id, generation, step, state }: OperationRecord, worker: Worker): unknown[] => [
  id,
  worker.id,
  generation,
  step,
  state,
];

/** The columns that a transition sets; parameters from $8 on. */
function assignments(transition: Transition, worker: Worker): [string, unknown[]] {
  switch (transition.to) {
    case 'step':
      return [
        `state = 'running', step = $8, step_name = $9, queue = $10, backend = $11, data = data || $12, owner = $13,
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
        `state = 'undoing', step = $8, step_name = $9, queue = $10, resume_step = $11, data = data || $12, owner = $13,
         error = $14, attempt = 0, due_at = now()`,
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
        `owner = null, attempt = attempt + $8, error = coalesce($9, error),
         due_at = clock_timestamp() + make_interval(secs => $10::float8)`,
        [
          transition.counts ? 1 : 0,
          transition.error && transition.counts ? JSON.stringify(transition.error) : null,
          transition.delayMs / 1000,
        ],
      ];
    case 'end':
      return [
        `state = $8, owner = null, data = data || $9, error = $10, finished_at = clock_timestamp(),
         progress = case when $8 = 'succeeded' then 100 else progress end`,
        [
          transition.state,
          JSON.stringify(transition.data),
          transition.error && JSON.stringify(transition.error),
        ],
      ];
  }
}
