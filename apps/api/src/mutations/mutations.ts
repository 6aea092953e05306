import { createHash } from 'node:crypto';
import { Fault, describeError } from '@scoria/domain';
import {
  completeAnswer,
  findStoredAnswer,
  recordEvents,
  storeAnswer,
  takeIdempotencyKey,
  type DueOperation,
  type NewEvent,
  type StoredAnswer,
  type Tx,
} from '@scoria/store';
import type { Call } from '../frame/call.js';
import type { ApiDeps } from '../frame/deps.js';

/** A mutation's outcome, decided within its transaction. */
export interface Outcome<Pending = never> {
  /** Of the answer. Default 202. */
  status?: number;
  /** Ready JSON text, or an object to be put as JSON; absent for an empty answer. */
  body?: string | object;
  /** Doorbells to ring after the commit. */
  due?: readonly DueOperation[];
  /** What has changed, for those who follow the events; written in the transaction. Operations tell of themselves. */
  events?: readonly NewEvent[];
  /** Set instead of `body` when the answer is not known before an operation has ended; given to `after`. */
  pending?: Pending;
  /** Answered after the commit: the request is refused, yet what was written stays. Leaves the key unused. */
  fault?: Fault;
}

/** What `after` answers. */
export interface Answer {
  status: number;
  body?: string | object;
  /** Holds a secret: a replay works it out anew, since what is stored lies in the database in the clear. */
  secret?: boolean;
}

export interface MutateOptions<Pending> {
  /**
   * Works out the answer after the commit, e.g. by waiting for the operation. A replay of a request whose answer was
   * never stored runs it again: it must only wait and read.
   */
  after?: (pending: Pending) => Promise<Answer>;
}

const MAX_KEY_LENGTH = 255;

/**
 * The one way to change something: one transaction for effect, operation and the idempotency key's answer, then the
 * doorbells. A request that was refused leaves its key unused, so that it may be tried again; one whose operation failed
 * afterwards has its answer.
 */
export class Mutations {
  constructor(private readonly deps: ApiDeps) {}

  async mutate<Pending extends object = never>(
    call: Call,
    work: (tx: Tx) => Promise<Outcome<Pending>>,
    options: MutateOptions<Pending> = {},
  ): Promise<string | undefined> {
    const key = keyOf(call);
    const fingerprint = key === undefined ? '' : fingerprintOf(call);
    let replayed: StoredAnswer | undefined;
    const outcome = await this.deps.database.transaction(async (tx) => {
      if (key === undefined) return this.perform(tx, call, work);
      if (!(await takeIdempotencyKey(tx, call.context.projectId, key))) throw stillRunning();
      replayed = await findStoredAnswer(tx, call.context.projectId, key);
      if (replayed) return undefined;
      const done = await this.perform(tx, call, work);
      if (done.fault) return done;
      const unknown = done.pending !== undefined;
      await storeAnswer(tx, call.context.projectId, key, {
        fingerprint,
        statusCode: unknown ? null : (done.status ?? 202),
        body: unknown ? JSON.stringify(done.pending) : (textOf(done.body) ?? null),
      });
      return done;
    });
    if (outcome === undefined) return this.replay(call, key!, fingerprint, replayed!, options);
    for (const due of outcome.due ?? []) this.ring(due);
    if (outcome.fault) throw outcome.fault;
    if (outcome.pending === undefined) return respond(call, outcome.status ?? 202, textOf(outcome.body));
    return this.finish(call, key, outcome.pending, options);
  }

  private async perform<Pending>(
    tx: Tx,
    call: Call,
    work: (tx: Tx) => Promise<Outcome<Pending>>,
  ): Promise<Outcome<Pending>> {
    const outcome = await work(tx);
    await recordEvents(tx, outcome.events ?? [], call.context.requestId);
    return outcome;
  }

  /**
   * The stored answer of a request that was made before, for handlers that act on other services before their
   * transaction. Undefined when there is none.
   */
  async replayIfKnown(call: Call): Promise<{ body: string | undefined } | undefined> {
    const key = keyOf(call);
    if (key === undefined) return undefined;
    const stored = await findStoredAnswer(this.deps.database, call.context.projectId, key);
    return stored && { body: await this.replay(call, key, fingerprintOf(call), stored, {}) };
  }

  private async replay<Pending>(
    call: Call,
    key: string,
    fingerprint: string,
    stored: StoredAnswer,
    options: MutateOptions<Pending>,
  ): Promise<string | undefined> {
    if (stored.fingerprint !== fingerprint) {
      throw new Fault('unprocessable', 'The idempotency key was used for another request.');
    }
    call.respondWith(200, { 'idempotency-replayed': 'true' });
    if (stored.statusCode !== null) return respond(call, stored.statusCode, stored.body ?? undefined);
    return this.finish(call, key, JSON.parse(stored.body!) as Pending, options);
  }

  private async finish<Pending>(
    call: Call,
    key: string | undefined,
    pending: Pending,
    { after }: MutateOptions<Pending>,
  ): Promise<string | undefined> {
    if (!after) throw new Error('a pending answer needs `after`');
    const answer = await after(pending);
    const text = textOf(answer.body);
    if (key !== undefined && !answer.secret) {
      await completeAnswer(this.deps.database, call.context.projectId, key, answer.status, text ?? null);
    }
    return respond(call, answer.status, text);
  }

  /** The answer does not wait for the doorbell: the row is committed, and sweeps find it without one. */
  private ring(due: DueOperation): void {
    this.deps.ring(due).catch((error: unknown) => {
      this.deps.logger.warn(
        { operationId: due.operationId, cause: describeError(error) },
        'doorbell was not rung',
      );
    });
  }
}

function respond(call: Call, status: number, body: string | undefined): string | undefined {
  call.respondWith(status);
  return body;
}

const textOf = (body: string | object | undefined): string | undefined =>
  typeof body === 'object' ? JSON.stringify(body) : body;

function keyOf(call: Call): string | undefined {
  const key = call.header('idempotency-key');
  if (key === undefined) return undefined;
  if (key.length === 0 || key.length > MAX_KEY_LENGTH) {
    throw new Fault('badRequest', `Idempotency-Key must have 1 to ${MAX_KEY_LENGTH} characters.`);
  }
  return key;
}

/** The microversion belongs to it: the same body may mean something else in another one. */
function fingerprintOf(call: Call): string {
  const { method, path, minor, query, body } = call;
  return createHash('sha256')
    .update(JSON.stringify([method, path, minor, query, body ?? null]))
    .digest('hex');
}

const stillRunning = (): Fault =>
  new Fault('conflict', 'A request with this idempotency key is still running.', { retryAfter: 1 });
