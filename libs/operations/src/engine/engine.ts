import { setTimeout as delay } from 'node:timers/promises';
import type { EngineOptions } from './options.js';
import { QueueRunner } from './queue-runner.js';

/**
 * Runs operations in one process: claims what is due in its queues, keeps the process's lease, and finds work whose
 * doorbell was lost. Knows nothing of HTTP, drivers or SQL.
 */
export class OperationEngine<Tx> {
  private readonly queues = new Map<string, QueueRunner<Tx>>();
  private timers: NodeJS.Timeout[] = [];
  private beating: Promise<void> | undefined;
  private enlisted = false;
  private enlisting: Promise<unknown> | undefined;
  private stopped = false;

  constructor(private readonly options: EngineOptions<Tx>) {}

  /** Takes the lease, then starts to work; not after `stop()`. */
  async start(): Promise<void> {
    if (this.stopped) return;
    this.enlisting = this.options.store.heartbeat(this.options.worker);
    await this.enlisting;
    if (this.stopped) return;
    this.enlisted = true;
    this.timers = [
      setInterval(() => this.beat(), this.options.heartbeatMs),
      setInterval(() => this.sweep(), this.options.sweepMs),
    ];
    this.sweep();
  }

  /** Starts to serve a queue; idempotent. Nothing would end it after `stop()`, so then it is not begun. */
  serve(queue: string): void {
    if (this.stopped || this.queues.has(queue)) return;
    const runner = new QueueRunner(this.options, queue);
    this.queues.set(queue, runner);
    if (this.enlisted) runner.sweep();
  }

  /** "There is work": from a message, or from whoever just committed the row. */
  ring(queue: string, operationId: string): void {
    this.queues.get(queue)?.ring(operationId);
  }

  get inFlight(): number {
    return [...this.queues.values()].reduce((sum, queue) => sum + queue.inFlight, 0);
  }

  /** Operations that run, by queue. */
  get slotsInUse(): { queue: string; inUse: number }[] {
    return [...this.queues.values()].map(({ queue, inFlight }) => ({ queue, inUse: inFlight }));
  }

  /**
   * Stops claiming, lets what runs come to its end for `graceMs`, then stops it between or inside steps and gives
   * the claims back, so that another worker (or this one after its restart) goes on.
   */
  async stop(graceMs: number): Promise<void> {
    this.stopped = true;
    for (const queue of this.queues.values()) queue.stopClaiming();
    await this.idle(graceMs);
    for (const queue of this.queues.values()) queue.stopAll('draining');
    await this.idle(5000);
    for (const timer of this.timers) clearInterval(timer);
    await this.beating;
    // A lease that is still being taken would outlive its end.
    await this.enlisting?.catch(() => undefined);
    await this.options.store
      .retire(this.options.worker)
      .catch((error: unknown) => this.options.onTrouble?.('retire', error));
  }

  private sweep(): void {
    for (const queue of this.queues.values()) queue.sweep();
  }

  private beat(): void {
    this.beating ??= this.heartbeat()
      .catch((error: unknown) => this.options.onTrouble?.('heartbeat', error))
      .finally(() => {
        this.beating = undefined;
      });
  }

  /**
   * Renews the lease and compares what the database says this worker holds with what it runs. A worker that was
   * paused finds here that its claims have gone, and stops what it was doing.
   */
  private async heartbeat(): Promise<void> {
    const before = [...this.queues.values()].flatMap((queue) => [...queue.runners()]);
    const held = new Map(
      (await this.options.store.heartbeat(this.options.worker)).map((row) => [row.id, row]),
    );
    for (const runner of before) {
      const row = held.get(runner.operation.id);
      if (!row || row.generation !== runner.operation.generation) runner.stop('fenced');
      else if (runner.operation.state === 'undoing') continue;
      else if (row.cancelRequested) {
        runner.operation.cancelRequested = true;
        runner.stop('cancelled');
      } else if (row.deadlinePassed) runner.stop('deadline');
    }
  }

  private async idle(limitMs: number): Promise<void> {
    const timeout = new AbortController();
    await Promise.race([
      Promise.all([...this.queues.values()].map((queue) => queue.settled())),
      delay(limitMs, undefined, { signal: timeout.signal }).catch(() => {}),
    ]);
    timeout.abort();
  }
}
