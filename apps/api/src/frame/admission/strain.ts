import type { ApiConfig } from '@scoria/config';
import type { Database } from '@scoria/store';

/** Milliseconds between two looks at the event loop. */
const LOOK_MS = 25;

/** How much of the average each new look makes up: one long pause is forgiven, a row of them is not. */
const WEIGHT = 0.3;

/**
 * What tells that the process is asked for more than it can do before its answers tell: the event loop comes late, or
 * statements wait long for connections.
 */
export class Strain implements Disposable {
  private readonly timer: NodeJS.Timeout;
  private expected = performance.now() + LOOK_MS;
  /** Milliseconds, averaged. */
  private delay = 0;

  constructor(
    private readonly connections: Pick<Database['connections'], 'waitedMs'>,
    private readonly limits: Pick<ApiConfig, 'maxEventLoopDelayMs' | 'maxDatabaseWaitMs'>,
  ) {
    this.timer = setInterval(() => this.look(), LOOK_MS).unref();
  }

  get reason(): 'event_loop' | 'database' | undefined {
    if (this.connections.waitedMs > this.limits.maxDatabaseWaitMs) return 'database';
    return this.delay > this.limits.maxEventLoopDelayMs ? 'event_loop' : undefined;
  }

  [Symbol.dispose](): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const now = performance.now();
    this.delay += WEIGHT * (Math.max(0, now - this.expected) - this.delay);
    this.expected = now + LOOK_MS;
  }
}
