import { context as otel, type Context } from '@opentelemetry/api';
import { mayTakeSlot } from '@scoria/domain';
import type { OperationRecord } from '../record.js';
import type { ClaimRequest } from '../store-port.js';
import type { ClaimedHow, EngineOptions } from './options.js';
import { StepRunner, type StopReason } from './step-runner.js';

/** Alarms beyond this are not set: the sweep finds their rows. */
const MAX_ALARMS = 10_000;

/** Operations that one statement claims at most. */
const MAX_CLAIM = 64;

/** The due time is the database's; timers of this process may be a little early. */
const RETRY_SLACK_MS = 10;

/**
 * Claims the due operations of one queue and runs a bounded number of them at a time, of no project more than its share.
 *
 * While there are free slots, an operation is claimed by its doorbell. With more bells than slots there is a backlog: then
 * the bells are dropped, and the database says whose turn it is.
 */
export class QueueRunner<Tx> {
  private readonly running = new Map<string, StepRunner<Tx>>();
  private readonly alarms = new Set<NodeJS.Timeout>();
  private readonly watches = new Set<Promise<void>>();
  private readonly bells = new Map<string, Context>();
  private pumping: Promise<void> | undefined;
  /** Why the queue has to be searched for due work, until a search finds none. */
  private search: Exclude<ClaimedHow, 'rung'> | undefined;
  /** Grows with each wish to search: an answer of before may not have seen what it is about, and does not end it. */
  private wishes = 0;
  /** The project that was served last. */
  private lastServed: string | undefined;
  private stopped = false;
  private ended: StopReason | undefined;

  constructor(
    private readonly options: EngineOptions<Tx>,
    readonly queue: string,
  ) {}

  /** A doorbell: cheap, coalesced with others into one claim. */
  ring(operationId: string): void {
    this.bells.set(operationId, otel.active());
    if (this.bells.size > this.free) this.backlog();
    this.pump();
  }

  /** Looks for due work that no doorbell told of. */
  sweep(): void {
    this.wishes++;
    this.search ??= 'swept';
    this.pump();
  }

  runners(): Iterable<StepRunner<Tx>> {
    return this.running.values();
  }

  get inFlight(): number {
    return this.running.size;
  }

  stopClaiming(): void {
    this.stopped = true;
    this.bells.clear();
    for (const alarm of this.alarms) clearTimeout(alarm);
  }

  stopAll(reason: StopReason): void {
    this.ended = reason;
    for (const runner of this.running.values()) runner.stop(reason);
  }

  /** Resolves when nothing is being claimed, what was in flight at the call has ended, and its bells have rung. */
  async settled(): Promise<void> {
    await this.pumping;
    await Promise.all(this.watches);
  }

  private pump(): void {
    this.pumping ??= this.claimWhilePossible()
      .catch((error: unknown) => this.options.onTrouble?.('claim', error))
      .finally(() => {
        this.pumping = undefined;
      });
  }

  private get free(): number {
    return this.options.maxConcurrent - this.running.size;
  }

  /** More is due than there are slots for, or than some project may take. */
  private backlog(): void {
    this.wishes++;
    this.bells.clear();
    this.search = 'queued';
  }

  /**
   * A search ends only by an answer that is younger than every wish for one, so that no wake-up is lost. What a project at
   * its share has waiting stays wished for, and is searched for once the end of another operation has made room.
   */
  private async claimWhilePossible(): Promise<void> {
    while (!this.stopped && this.free > 0) {
      if (this.bells.size > this.free) this.backlog();
      if (this.search) {
        const { wishes } = this;
        const found = await this.claimInTurn(this.search);
        const sawAll = wishes === this.wishes;
        if (found === 'nothing' && sawAll) this.search = undefined;
        if (found === 'full shares') {
          this.search = 'queued';
          if (sawAll && this.bells.size === 0) return;
        }
      } else if (this.bells.size > 0) await this.claimRung();
      else return;
    }
  }

  private async claimRung(): Promise<void> {
    const contexts = new Map(this.bells);
    this.bells.clear();
    const claimed = await this.claim({ ids: [...contexts.keys()] });
    for (const operation of claimed) this.start(operation, 'rung', contexts.get(operation.id));
    if (claimed.length < contexts.size) this.backlog();
  }

  /** `full shares`: what is left, if anything, may be of projects that have all they may have. */
  private async claimInTurn(how: Exclude<ClaimedHow, 'rung'>): Promise<'more' | 'nothing' | 'full shares'> {
    this.bells.clear();
    const limit = Math.min(this.free, MAX_CLAIM);
    const claimed = await this.claim({
      ...(this.lastServed === undefined ? {} : { after: this.lastServed }),
    });
    for (const operation of claimed) this.start(operation, how);
    this.lastServed = claimed.at(-1)?.projectId ?? this.lastServed;
    if (claimed.length === limit) return 'more';
    if (this.crowded) return 'full shares';
    return claimed.length === 0 ? 'nothing' : 'more';
  }

  /** Whether a project has all that it may have, so that work of it may wait although slots are free. */
  private get crowded(): boolean {
    const held = Map.groupBy(this.running.values(), ({ operation }) => operation.projectId);
    return [...held.values()].some(
      ({ length }) => !mayTakeSlot(length, this.free, this.options.projectShare),
    );
  }

  private claim(which: Pick<ClaimRequest, 'ids' | 'after'>): Promise<OperationRecord[]> {
    const { store, steps, worker, maxConcurrent, projectShare } = this.options;
    return store.claim({
      worker,
      queue: this.queue,
      limit: Math.min(this.free, MAX_CLAIM),
      definitions: steps.definitionKeys,
      running: [...this.running.values()].map(({ operation }) => operation),
      slots: maxConcurrent,
      share: projectShare,
      ...which,
    });
  }

  private start(operation: OperationRecord, how: ClaimedHow, context?: Context): void {
    this.options.onClaimed?.(operation, how);
    const runner = new StepRunner(this.options, this.queue, operation, context);
    // Asked for before the stop, and answered after it.
    if (this.ended) runner.stop(this.ended);
    this.running.set(operation.id, runner);
    const watch = this.watch(operation.id, runner).finally(() => this.watches.delete(watch));
    this.watches.add(watch);
  }

  private async watch(id: string, runner: StepRunner<Tx>): Promise<void> {
    try {
      const run = (): Promise<void> => runner.run();
      await (this.options.around?.(runner.operation, run) ?? run());
    } catch (error) {
      // The commit did not reach the database. The claim is still this worker's, and the next sweep takes it again.
      this.options.onTrouble?.(`operation ${id}`, error);
    } finally {
      if (this.crowded) this.backlog();
      this.running.delete(id);
      if (runner.dueAgainMs !== undefined) this.ringLater(id, runner.dueAgainMs);
      this.pump();
    }
    // Whose slot is free already: a bell must cost nothing but latency, also where it cannot be delivered.
    await runner.rung;
  }

  /** Rings for a retry on time. Only a shortcut: the sweep finds it too. */
  private ringLater(id: string, delayMs: number): void {
    if (this.stopped || this.alarms.size >= MAX_ALARMS) return;
    const alarm = setTimeout(() => {
      this.alarms.delete(alarm);
      this.ring(id);
    }, delayMs + RETRY_SLACK_MS);
    this.alarms.add(alarm);
  }
}
