import type { Logger } from '@scoria/telemetry';

const INTERVAL_MS = 10_000;

/** Says that requests are refused, and how many, at most once in ten seconds: under overload a line for each is a load. */
export class RefusalLog {
  private readonly refused = new Map<string, number>();
  private saidAt = -Infinity;

  constructor(private readonly logger: Pick<Logger, 'warn'>) {}

  note(reason: string): void {
    this.refused.set(reason, (this.refused.get(reason) ?? 0) + 1);
    const now = performance.now();
    if (now - this.saidAt < INTERVAL_MS) return;
    this.saidAt = now;
    this.logger.warn({ refused: Object.fromEntries(this.refused) }, 'requests are refused');
    this.refused.clear();
  }
}
