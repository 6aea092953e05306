import { DEFAULT_DRAIN_MS } from '../options.js';
import type { Delivery, Dispatcher, Verdict } from '../server/dispatcher.js';
import type { BusService } from '../server/listener.js';
import { Running } from '../server/running.js';
import type { WorkQueue } from './work-queue.js';

export interface InProcessServiceOptions {
  sources: readonly WorkQueue[];
  prefetch: number;
  dispatcher: Dispatcher;
  /** Aborted when the service begins to drain. */
  draining: AbortController;
  settle(delivery: Delivery, verdict: Verdict): void;
}

/** Consumes queues in memory; the twin of the service that consumes RabbitMQ's. */
export class InProcessService implements BusService {
  readonly ready = Promise.resolve();
  private readonly running = new Running();
  /** What gives a message back at the end of the drain, for each that is in hand. */
  private readonly releases = new Set<() => void>();
  private readonly stops: (() => void)[];
  private drained: Promise<void> | undefined;

  constructor(private readonly options: InProcessServiceOptions) {
    this.stops = options.sources.map((source) =>
      source.consume(options.prefetch, (delivery) => this.consume(delivery)),
    );
  }

  get connected(): boolean {
    return this.drained === undefined;
  }

  drain(limitMs = DEFAULT_DRAIN_MS): Promise<void> {
    this.drained ??= this.letGo(limitMs);
    return this.drained;
  }

  private async letGo(limitMs: number): Promise<void> {
    this.options.draining.abort();
    for (const stop of this.stops) stop();
    await this.running.idle(limitMs);
    for (const release of this.releases) release();
    this.releases.clear();
  }

  /** A handler that outlives the drain has lost its message: what it says later settles nothing. */
  private consume(delivery: Delivery): Promise<'settled' | 'again'> {
    const handled = this.options.dispatcher.dispatch(delivery);
    this.running.add(handled.then(() => undefined));
    return new Promise((resolve) => {
      const release = (): void => resolve('again');
      this.releases.add(release);
      void handled.then((verdict) => {
        if (!this.releases.delete(release)) return;
        this.options.settle(delivery, verdict);
        resolve(verdict.action === 'requeue' ? 'again' : 'settled');
      });
    });
  }
}
