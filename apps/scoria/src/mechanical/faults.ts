import type { OperationWorkerOptions } from '@scoria/worker';

type Moment = Parameters<NonNullable<OperationWorkerOptions['intercept']>>[0];

/** A point of an operation at which something goes wrong. */
export interface FaultPoint {
  kind: string;
  step: string;
  phase: 'run' | 'undo';
  moment: 'before' | 'after';
}

interface PlannedFault extends FaultPoint {
  error: Error;
  /** How often; then the point is harmless. */
  times: number;
}

/** Makes steps fail where a test wants it, in any service of the world. */
export class Faults {
  private planned: PlannedFault[] = [];
  private suspended = false;
  /** How often each point was passed since the last reset, faults included. */
  readonly passed = new Map<string, number>();

  plan(point: FaultPoint, error: Error, times = 1): void {
    this.planned.push({ ...point, error, times });
  }

  reset(): void {
    this.planned = [];
    this.passed.clear();
  }

  /** Lets everything pass until resumed. */
  suspend(): { resume(): void } {
    this.suspended = true;
    return {
      resume: () => {
        this.suspended = false;
        this.passed.clear();
      },
    };
  }

  /** Planned faults that never happened: a test that proves nothing. */
  get unused(): FaultPoint[] {
    return this.planned.filter(({ times }) => times > 0);
  }

  readonly intercept = async ({ operation, step, phase, moment }: Moment): Promise<void> => {
    const key = `${operation.kind}:${step} ${phase} ${moment}`;
    this.passed.set(key, (this.passed.get(key) ?? 0) + 1);
    const fault = this.planned.find(
      (candidate) =>
        candidate.times > 0 &&
        candidate.kind === operation.kind &&
        candidate.step === step &&
        candidate.phase === phase &&
        candidate.moment === moment,
    );
    if (!fault || this.suspended) return;
    fault.times--;
    throw fault.error;
  };
}
