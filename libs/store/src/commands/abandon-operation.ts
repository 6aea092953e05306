import { Fault, SCHEDULER_QUEUE, storableText } from '@scoria/domain';
import { deleteSnapshot, deleteVolume, disconnectAttachment, type OperationError } from '@scoria/operations';
import type { Tx } from '../database.js';
import { remember } from '../operations/history.js';
import { settle } from '../operations/settlements/index.js';
import type { End, SettledOperation } from '../operations/settlements/settlement.js';
import { utcTime } from '../sql/utc-time.js';
import { lockRow } from './rows.js';

export interface Abandonment {
  /** Who does it; for the history. */
  by: string;
  /** Why, in their words. */
  reason?: string | undefined;
  /** Of a delete: have the row removed, as if it had succeeded. */
  forget?: boolean | undefined;
  /** Seconds after which a service that has not reported counts as gone. */
  downSeconds: number;
}

interface AbandonedOperation extends SettledOperation {
  state: string;
  live: boolean;
  queue: string;
  backend: string | null;
  awaited: boolean;
}

/** Those whose success removes a row. */
const FORGETTABLE = new Set([deleteVolume, deleteSnapshot, disconnectAttachment].map(({ kind }) => kind));

const TOLD = 'The storage host is gone, and an administrator has given the operation up.';

/**
 * Ends an operation that nobody is there to carry out or to undo, without what only its host could do: as failed, or, when a
 * delete is to be forgotten, as done. What is on the host stays there, and so do claim and usage for as long as the row
 * does. A worker that comes back finds that it has lost its claim.
 *
 * @throws Fault `notFound`; `conflict` when it has ended, when somebody is there for it, or when it is no delete and is to
 * be forgotten
 */
export async function abandonOperation(tx: Tx, id: string, how: Abandonment): Promise<void> {
  const operation = await lockOperation(tx, id);
  const refuse = (why: string): Fault => new Fault('conflict', `Operation ${id} cannot be abandoned: ${why}`);
  if (!operation.live) throw refuse(`it has ended (${operation.state}).`);
  if (how.forget && !FORGETTABLE.has(operation.kind))
    throw refuse(`only a delete can be forgotten, and it is a ${operation.kind}.`);
  const { holder, absence } = await attendanceOf(tx, operation, how.downSeconds);
  if (holder !== null) throw refuse(`a living worker has it (${holder}).`);
  if (absence === null)
    throw refuse(
      `${whoServes(operation)} reports, and will carry it out or undo it. Stop it first if it cannot.`,
    );
  const reader = how.forget ? await readerOf(tx, operation) : undefined;
  if (reader !== undefined) throw refuse(`operation ${reader} reads from it. Abandon that first.`);
  const words = how.reason ? `: ${how.reason}` : '';
  const error = { message: TOLD, cause: storableText(`abandoned by ${how.by}, since ${absence}${words}`) };
  const end: End = how.forget
    ? { to: 'end', state: 'succeeded', data: {}, error: null }
    : { to: 'end', state: 'failed', data: {}, error };
  await markEnded(tx, id, end, error);
  await settle(tx, operation, end, operation.awaited);
}

const whoServes = ({ queue, backend }: AbandonedOperation): string =>
  queue === SCHEDULER_QUEUE ? 'a scheduler' : `the volume service of ${backend}`;

function lockOperation(tx: Tx, id: string): Promise<AbandonedOperation> {
  return lockRow<AbandonedOperation>(
    tx,
    `select id, kind, version, resource_type as "resourceType", resource_id as "resourceId",
            project_id as "projectId", request_id as "requestId", input, data, state, live, queue, backend, awaited
       from operations where id = $1::uuid`,
    { table: 'operations', kind: 'Operation', id, projectId: null, strength: 'update' },
  );
}

interface Attendance {
  /** The living worker that has it. */
  holder: string | null;
  /** Since when whoever is to take its next step is silent, in words; null when somebody reports. */
  absence: string | null;
}

async function attendanceOf(tx: Tx, operation: AbandonedOperation, downSeconds: number): Promise<Attendance> {
  const { id, queue, backend } = operation;
  const [row] = await tx.query<
    { holder: string | null; reportedAt: string | null; reports: boolean | null }[]
  >(
    `select (select w.service || ' on ' || w.host from operations o join workers w on w.id = o.owner
              where o.id = $1 and w.lease_until > clock_timestamp()) as holder,
            ${utcTime('max(reported_at)')} as "reportedAt",
            max(reported_at) > clock_timestamp() - make_interval(secs => $4::float8) as reports
       from services where "binary" = $2 and ($3::text is null or host = $3)`,
    queue === SCHEDULER_QUEUE
      ? [id, 'cinder-scheduler', null, downSeconds]
      : [id, 'cinder-volume', backend, downSeconds],
  );
  const { holder, reportedAt, reports } = row!;
  const silence = reportedAt === null ? 'has never reported' : `has not reported after ${reportedAt}`;
  return { holder, absence: reports ? null : `${whoServes(operation)} ${silence}` };
}

/** An operation that reads from what is to be forgotten. */
async function readerOf(tx: Tx, { id, resourceId }: AbandonedOperation): Promise<string | undefined> {
  const [reader] = await tx.query<{ id: string }[]>(
    `select operation_id as id from operation_holds h
      where operation_id <> $1 and (volume_id = $2 or snapshot_id = $2
        or snapshot_id in (select s.id from snapshots s where s.operation_id = $1))
      limit 1`,
    [id, resourceId],
  );
  return reader?.id;
}

/** The generation, too: a claim of before does not hold any more. */
async function markEnded(tx: Tx, id: string, end: End, why: OperationError): Promise<void> {
  await tx.query(
    `with released as (delete from operation_holds where operation_id = $1)
     update operations
        set history = jsonb_strip_nulls(${remember(`'abandoned'`, '$2')}), state = $3, error = $4, owner = null,
            generation = generation + 1, progress = case when $3 = 'succeeded' then 100 else progress end,
            updated_at = clock_timestamp(), finished_at = clock_timestamp()
      where id = $1`,
    [id, JSON.stringify(why), end.state, end.error && JSON.stringify(end.error)],
  );
}
