import { context as otel, type Context } from '@opentelemetry/api';
import type { EngineOptions } from './options.js';
import { StepRunner, type StopReason } from './step-runner.js';

/** Pending doorbells beyond this are dropped: the sweep finds their rows. */
const MAX_BELLS = 10_000;

/** The due time is the database's; timers of this process may be a little early. */
const RETRY_SLACK_MS = 10;

/** Claims the due operations of one queue and runs a bounded number of them at a time. */
export class QueueRunner<Tx> {
  private readonly running = new Map<string, StepRunner<Tx>>();
  private readonly alarms = new Set<NodeJS.Timeout>();
  private readonly watches = new Set<Promise<void>>();
  private readonly bells = new Map<string, Context>();
  private pumping: Promise<void> | undefined;
  private sweepDue = false;
  private stopped = false;
  private ended: StopReason | undefined;

  constructor(
    private readonly options: EngineOptions<Tx>,
    readonly queue: string,
  ) {}

  /** A doorbell: cheap, coalesced with others into one claim. */
  ring(operationId: string): void {
    if (this.bells.size < MAX_BELLS) this.bells.set(operationId, otel.active());
    else this.sweepDue = true;
    this.pump();
  }

  /** Looks for due work that no doorbell told of. */
  sweep(): void {
    this.sweepDue = true;
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

  /** Resolves when nothing is being claimed and what was in flight at the call has ended. */
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

  private async claimWhilePossible(): Promise<void> {
    for (;;) {
      const free = this.options.maxConcurrent - this.running.size;
      if (this.stopped || free <= 0) return;
      const ids = [...this.bells.keys()].slice(0, free);
      if (ids.length > 0) await this.claim(free, ids);
      else if (this.sweepDue) await this.claim(free);
      else return;
    }
  }

  private async claim(limit: number, ids?: string[]): Promise<void> {
    const { store, steps, worker } = this.options;
    const contexts = new Map(ids?.map((id) => [id, this.bells.get(id)]));
    for (const id of contexts.keys()) this.bells.delete(id);
    if (!ids) this.sweepDue = false;
    const claimed = await store.claim({
      worker,
      queue: this.queue,
      limit,
      definitions: steps.definitionKeys,
      running: [...this.running.keys()],
      ...(ids ? { ids } : {}),
    });
    if (!ids && claimed.length === limit) this.sweepDue = true;
    for (const operation of claimed) {
      this.options.onClaimed?.(operation, ids ? 'rung' : 'swept');
      const runner = new StepRunner(this.options, this.queue, operation, contexts.get(operation.id));
      // Asked for before the stop, and answered after it.
      if (this.ended) runner.stop(this.ended);
      this.running.set(operation.id, runner);
      const watch = this.watch(operation.id, runner).finally(() => this.watches.delete(watch));
      this.watches.add(watch);
    }
  }

  private async watch(id: string, runner: StepRunner<Tx>): Promise<void> {
    try {
      const run = (): Promise<void> => runner.run();
      await (this.options.around?.(runner.operation, run) ?? run());
    } catch (error) {
      // The commit did not reach the database. The claim is still this worker's, and the next sweep takes it again.
      this.options.onTrouble?.(`operation ${id}`, error);
    } finally {
      this.running.delete(id);
      if (runner.dueAgainMs !== undefined) this.ringLater(id, runner.dueAgainMs);
      this.pump();
    }
  }

  /** Rings for a retry on time. Only a shortcut: the sweep finds it too. */
  private ringLater(id: string, delayMs: number): void {
    if (this.stopped || this.alarms.size >= MAX_BELLS) return;
    const alarm = setTimeout(() => {
      this.alarms.delete(alarm);
      this.ring(id);
    }, delayMs + RETRY_SLACK_MS);
    this.alarms.add(alarm);
  }
}
