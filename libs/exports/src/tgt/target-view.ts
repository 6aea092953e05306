import type { TgtTarget } from './tgt-targets.js';
import type { TargetReader } from './target-reader.js';

/**
 * What tgtd serves, read once for all who asked before it was read. A list of 300 targets takes 20 ms, and a
 * reconciler asks for each of them: without this its time would grow with the square of their number.
 */
export class TargetView {
  private targets: TgtTarget[] = [];
  /** Unset after a change. */
  private readAt: number | undefined;

  constructor(private readonly reader: TargetReader) {}

  /** The targets as they were at `since` (of `performance.now()`) or later. */
  async read(since: number): Promise<TgtTarget[]> {
    if (this.readAt === undefined || this.readAt < since) {
      this.readAt = undefined;
      const now = performance.now();
      this.targets = await this.reader.read();
      this.readAt = now;
    }
    return this.targets;
  }

  /** Something was changed, or was meant to be. */
  forget(): void {
    this.readAt = undefined;
  }
}
