import type { Checkpoint, Checkpoints } from '@scoria/domain';
import type { OperationRecord } from '../record.js';
import type { StepContext } from '../step-handler.js';
import { FencedError } from '../store-port.js';
import type { EngineOptions } from './options.js';

const PROGRESS_EVERY_MS = 2000;
/** A checkpoint costs its maker an fsync and the database a statement; this is also what a kill costs at most. */
const CHECKPOINT_EVERY_MS = 3000;

/** What one run of a step tells of itself while it lasts. Nothing that cannot be written holds the step up. */
export class StepReports implements StepContext, Checkpoints {
  readonly checkpoints = this;
  readonly signal: AbortSignal;
  readonly last: Checkpoint | undefined;
  private progressAt = -Infinity;
  private savedAt = performance.now();

  constructor(
    private readonly options: Pick<EngineOptions<never>, 'store' | 'worker' | 'onTrouble'>,
    private readonly operation: OperationRecord,
    private readonly abort: AbortController,
  ) {
    this.signal = abort.signal;
    this.last = operation.checkpoint ?? undefined;
  }

  readonly progress = (percent: number): void => {
    if (performance.now() - this.progressAt < PROGRESS_EVERY_MS) return;
    this.progressAt = performance.now();
    const whole = Math.max(0, Math.min(100, Math.round(percent)));
    this.options.store.saveProgress(this.operation, whole).catch(() => {});
  };

  get due(): boolean {
    return performance.now() - this.savedAt >= CHECKPOINT_EVERY_MS;
  }

  async save(checkpoint: Checkpoint): Promise<void> {
    this.savedAt = performance.now();
    const { store, worker, onTrouble } = this.options;
    try {
      await store.saveCheckpoint(this.operation, worker, checkpoint);
    } catch (error) {
      if (!(error instanceof FencedError)) return onTrouble?.('checkpoint', error);
      this.abort.abort('fenced');
      throw error;
    }
  }
}
