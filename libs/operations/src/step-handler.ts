import type { Checkpoints } from '@scoria/domain';
import { definitionKey, type OperationDefinition, type StepPlace } from './definition.js';
import type { OperationRecord } from './record.js';

export interface StepContext {
  /** Fires when the claim is lost, the operation is cancelled or past its deadline, or the service stops. */
  readonly signal: AbortSignal;
  /** Records progress of the whole operation, 0–100; written at most every two seconds. */
  readonly progress: (percent: number) => void;
  /** Where the next run of this step goes on when this one is cut short. Gone when the step ends or is undone. */
  readonly checkpoints: Checkpoints;
}

export interface StepOutcome {
  /** Merged into the operation's data. */
  data?: Record<string, unknown>;
  /** `host@backend`: where the following steps run. */
  backend?: string;
}

export interface StepResult<Tx> extends StepOutcome {
  /**
   * Runs in the transaction that marks the step as done, before the mark and under the lock of the operation's row.
   * What is only known there (which pool the claim was granted in) is its answer, and wins over the result's own. May
   * run again when the transaction is.
   */
  commit?: (tx: Tx) => Promise<StepOutcome | void>;
}

/**
 * One step's action and undo. Both may run any number of times, whole or in part, and must come to the same end.
 */
export interface StepHandler<Tx, Input = unknown> {
  run(operation: OperationRecord<Input>, context: StepContext): Promise<StepResult<Tx> | void>;
  undo?(operation: OperationRecord<Input>, context: StepContext): Promise<StepResult<Tx> | void>;
}

/** The steps that one service implements. Refuses gaps and doubles at start, not at run time. */
export class StepRegistry<Tx> {
  private readonly handlers = new Map<string, StepHandler<Tx, never>>();
  private readonly definitions = new Map<string, OperationDefinition<never>>();

  constructor(definitions: readonly OperationDefinition<never>[]) {
    for (const definition of definitions) {
      if (this.definitions.has(definitionKey(definition)))
        throw new Error(`${definitionKey(definition)} is defined twice`);
      this.definitions.set(definitionKey(definition), definition);
    }
  }

  implement<Input>(
    definition: OperationDefinition<Input>,
    step: string,
    handler: StepHandler<Tx, Input>,
  ): this {
    const declared = definition.steps.find(({ name }) => name === step);
    const key = `${definitionKey(definition)}:${step}`;
    if (!declared || !this.definitions.has(definitionKey(definition)))
      throw new Error(`${key} is not declared`);
    if (this.handlers.has(key)) throw new Error(`${key} is implemented twice`);
    if (declared.undo !== (handler.undo !== undefined))
      throw new Error(`${key}: undo and declaration differ`);
    this.handlers.set(key, handler);
    return this;
  }

  /** Throws unless every step declared for `places` is implemented. */
  assertComplete(...places: StepPlace[]): void {
    const missing = [...this.definitions].flatMap(([key, definition]) =>
      definition.steps
        .filter((step) => places.includes(step.at) && !this.handlers.has(`${key}:${step.name}`))
        .map((step) => `${key}:${step.name}`),
    );
    if (missing.length > 0) throw new Error(`steps without implementation: ${missing.join(', ')}`);
  }

  get definitionKeys(): string[] {
    return [...this.definitions.keys()];
  }

  definition(of: { kind: string; version: number }): OperationDefinition<never> | undefined {
    return this.definitions.get(definitionKey(of));
  }

  handler(of: { kind: string; version: number }, step: string): StepHandler<Tx> | undefined {
    return this.handlers.get(`${definitionKey(of)}:${step}`);
  }
}
