import type { TgtTarget } from './tgt-targets.js';
import type { TargetReader } from './target-reader.js';

/**
 * What tgtd serves, read once for all who asked before it was read; what is changed meanwhile is known without reading.
 * A list of 300 targets takes 20 ms, and a reconciler asks for each that it makes, many together: with a list for each its
 * time would grow with the square of their number.
 */
export class TargetView {
  private targets: TgtTarget[] = [];
  private readAt = -Infinity;
  private isKnown = false;

  constructor(private readonly reader: TargetReader) {}

  /** The targets as they were at `since` (of `performance.now()`) or later. */
  async read(since: number): Promise<TgtTarget[]> {
    if (!this.isKnown || this.readAt < since) {
      this.isKnown = false;
      this.readAt = performance.now();
      this.targets = await this.reader.read();
      this.isKnown = true;
    }
    return this.targets;
  }

  /** Something was changed, or failed half-way. */
  forget(): void {
    this.isKnown = false;
  }

  /** What was read last has been changed to this. */
  becomes(targets: TgtTarget[]): void {
    this.targets = targets;
    this.isKnown = true;
  }
}
