import type { OperationDefinition, OperationOptions, StepDefinition, StepPlace } from '../definition.js';

interface StepOptions<Input> {
  at: StepPlace;
  undo?: boolean;
  attempts?: number;
  when?: (input: Input) => boolean;
}

/** Builds a definition: `operation<Input>('volume.create', 1, { deadlineSeconds, … }).step(…).define()`. */
export class OperationBuilder<Input> {
  private readonly steps: StepDefinition<Input>[] = [];
  private retry: OperationDefinition['retryFrom'];

  constructor(
    private readonly kind: string,
    private readonly version: number,
    private readonly options: OperationOptions,
  ) {}

  step(name: string, { at, undo = false, attempts = 5, when }: StepOptions<Input>): this {
    this.steps.push({ name, at, undo, attempts, ...(when ? { when } : {}) });
    return this;
  }

  retryFrom(step: string, times: number): this {
    this.retry = { step, times };
    return this;
  }

  define(): OperationDefinition<Input> {
    const names = this.steps.map((step) => step.name);
    if (names.length === 0 || new Set(names).size !== names.length) {
      throw new Error(`${this.kind}: steps must be there, and named differently`);
    }
    if (this.retry && !names.includes(this.retry.step))
      throw new Error(`${this.kind}: no step ${this.retry.step}`);
    return {
      kind: this.kind,
      version: this.version,
      steps: this.steps,
      ...this.options,
      ...(this.retry ? { retryFrom: this.retry } : {}),
    };
  }
}

export function operation<Input>(
  kind: string,
  version: number,
  options: OperationOptions,
): OperationBuilder<Input> {
  return new OperationBuilder<Input>(kind, version, options);
}
