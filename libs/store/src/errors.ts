import { Fault } from '@scoria/domain';

interface PostgresError {
  code?: string;
  detail?: string;
  message?: string;
  constraint?: string;
}

interface QuotaDetail {
  resource: string;
  limit: number;
  used: number;
  requested: number;
}

/** A pool cannot take what was asked of it any more; another one may. */
export class PoolFullError extends Error {
  override name = 'PoolFullError';
}

/** The database could not be reached, or has lost the session: what was asked of it was done or not. */
export class DatabaseAway extends Fault {
  constructor(cause: unknown, retryAfter = 5) {
    super('unavailable', 'The service is not available right now. Try again later.', { cause, retryAfter });
  }
}

/** All connections of this process are in use, and too many statements wait for one, or this one did for too long. */
export class DatabaseBusy extends DatabaseAway {
  constructor(cause: unknown) {
    super(cause, 1);
  }
}

/**
 * The server has given a statement up for its time. Callers may try again: it may have been a slow moment. It is not
 * `DatabaseAway` all the same: a statement that always takes longer would be tried for ever, so a step's try counts.
 */
export class StatementTooSlow extends Fault {
  constructor(cause: unknown) {
    super('unavailable', 'The service is not available right now. Try again later.', {
      cause,
      retryAfter: 5,
    });
  }
}

export const isDatabaseAway = (error: unknown): boolean => error instanceof DatabaseAway;

/**
 * Lost connections, a server that is starting, stopping or out of connections, one that may only be read (a standby
 * before or after a failover), deadlocks that trying again did not end, a lock that another held for too long, and a session
 * that was ended because this process stood still in a transaction: the caller may try again.
 */
const UNAVAILABLE = /^(08|53|57P|25006|25P03|40001|40P01|55P03)/;
/** Of a statement that ran into `statement_timeout`, or that an administrator has cancelled. */
const CANCELED = '57014';
const NETWORK = new Set([
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'EPIPE',
  'ETIMEDOUT',
  // A name without an address for now, as a service has that is being moved.
  'EAI_AGAIN',
  'ENOTFOUND',
]);

/** What the client and TypeORM, which asks a few things at start, say without a code of a session that is lost. */
const LOST =
  /connection terminated|Connection ended|is not queryable|Query read timeout|Query runner already released/i;

const FOREIGN_KEY = '23503';
/** What somebody else deleted between our look and our insert, by the constraint that noticed. */
const GONE: Readonly<Record<string, string>> = {
  volumes_volume_type_id_fkey: 'The volume type could not be found.',
  snapshots_volume_id_fkey: 'The volume could not be found.',
  attachments_volume_id_fkey: 'The volume could not be found.',
};

/** Runs a query and turns the database's refusals into faults that callers understand. */
export async function translateErrors<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw translate(error);
  }
}

function translate(error: unknown): unknown {
  if (error instanceof Fault) return error;
  const cause = ((error as { driverError?: PostgresError }).driverError ?? error) as PostgresError;
  if (cause.code === 'SC001') return overQuota(JSON.parse(cause.detail ?? '{}') as QuotaDetail, error);
  if (cause.code === FOREIGN_KEY && cause.constraint && GONE[cause.constraint]) {
    return new Fault('notFound', GONE[cause.constraint]!, { cause: error });
  }
  if (cause.code === 'SC003') return tooManyLive(Number(cause.detail), error);
  if (cause.code === 'SC002') return new PoolFullError(cause.message, { cause: error });
  if (cause.code !== undefined && (UNAVAILABLE.test(cause.code) || NETWORK.has(cause.code)))
    return new DatabaseAway(error);
  if (cause.code === CANCELED) return new StatementTooSlow(error);
  // The pool's own words, for a connection that was waited for in vain.
  if (cause.message === 'timeout exceeded when trying to connect') return new DatabaseBusy(error);
  if (LOST.test(cause.message ?? '')) return new DatabaseAway(error);
  return error;
}

/** Cinder's 413 texts, by the kind of resource that ran out. */
function overQuota({ resource, limit, used, requested }: QuotaDetail, cause: unknown): Fault {
  const kind = resource.split('_')[0];
  const message =
    kind === 'gigabytes'
      ? `Requested volume or snapshot exceeds allowed ${resource} quota. Requested ${requested}G, quota is ${limit}G and ${used}G has been consumed.`
      : kind === 'snapshots'
        ? `Maximum number of snapshots allowed (${limit}) exceeded`
        : `Maximum number of volumes allowed (${limit}) exceeded for quota '${resource}'.`;
  return new Fault('overLimit', message, { cause, retryAfter: 0 });
}

/** Seconds: a backlog that long does not shrink in one. */
const RETRY_WITH_BACKLOG = 30;

const tooManyLive = (limit: number, cause: unknown): Fault =>
  new Fault(
    'tooManyRequests',
    `The project has ${limit} operations that have not ended yet, which is as many as it may have. Try again later.`,
    { cause, retryAfter: RETRY_WITH_BACKLOG },
  );
