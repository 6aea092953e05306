import { Inject, Injectable } from '@nestjs/common';
import { Fault, type FaultKind } from '@scoria/domain';
import type { EndedOperation } from '@scoria/store';
import type { Call } from '../frame/call.js';
import { API_DEPS, type ApiDeps } from '../frame/deps.js';
import { Drain } from '../frame/drain.js';

/** Of the time a request may take, the part after which it waits no longer: the rest is for the answer. */
const WAIT_SHARE = 0.9;

/** Faults that are the request's own. Every other failure is the platform's, and 500 (which Nova tries again). */
const CALLERS_FAULTS = new Set<FaultKind>(['badRequest', 'notFound', 'conflict', 'overLimit']);

/** Lets an answer wait for the end of operations that are already committed. */
@Injectable()
export class AwaitedOperations {
  constructor(
    @Inject(API_DEPS) private readonly deps: ApiDeps,
    @Inject(Drain) private readonly drain: Drain,
  ) {}

  /**
   * Returns when all have succeeded. Waits no longer than the client does.
   *
   * @throws Fault as the first failure deserves, `badGateway` when they have not ended in time, `unavailable` when the
   * gateway stops before; they go on all the same
   */
  async succeed(call: Pick<Call, 'age' | 'gone'>, ...operationIds: readonly string[]): Promise<void> {
    const timeoutMs = this.deps.config.api.requestTimeoutMs * WAIT_SHARE - call.age;
    const signal = AbortSignal.any([this.drain.over, call.gone]);
    const ends = await Promise.all(operationIds.map((id) => this.deps.waiter.wait(id, timeoutMs, signal)));
    const failed = ends.find(({ state }) => state !== 'succeeded');
    if (failed) throw faultOf(failed);
  }
}

function faultOf({ state, error }: EndedOperation): Fault {
  if (state === 'cancelled') {
    return new Fault('conflict', error?.message ?? 'The operation was cancelled.');
  }
  const kind = error?.kind !== undefined && CALLERS_FAULTS.has(error.kind) ? error.kind : 'internal';
  return new Fault(kind, error?.message ?? 'The operation failed on the storage side.', {
    cause: error?.cause,
  });
}
