/**
 * An operation is a declared list of steps: a routing slip. A definition says where each step runs and whether it
 * has an undo; the services implement the steps. A released list never changes: a new version is added beside it.
 */

/** Where a step runs: in any scheduler, or in the volume service that serves the operation's backend. */
export type StepPlace = 'scheduler' | 'backend';

export interface StepDefinition<Input> {
  readonly name: string;
  readonly at: StepPlace;
  /** Whether the step has an undo. A step without one leaves nothing behind that could be taken back. */
  readonly undo: boolean;
  /** Tries before the step is given up; waiting for something else does not count. */
  readonly attempts: number;
  /** Steps that an input does not need are jumped over, in both directions. */
  readonly when?: (input: Input) => boolean;
}

/**
 * What a caller's wish to cancel comes to. `undo`: at any time, and what was done is undone. `untilClaimed`: while nobody
 * works on it and its first step is not done; afterwards it only goes forward. `never`: it only goes forward.
 */
export type CancelRule = 'undo' | 'untilClaimed' | 'never';

export interface OperationOptions {
  deadlineSeconds: number;
  cancel: CancelRule;
  /** The request that asks for the same anew, once it has failed: for people, without the base of the URL. */
  again: string;
}

export interface OperationDefinition<Input = unknown> {
  readonly kind: string;
  readonly version: number;
  readonly steps: readonly StepDefinition<Input>[];
  /** Seconds after which the operation is cancelled and undone. */
  readonly deadlineSeconds: number;
  readonly cancel: CancelRule;
  /** See `OperationOptions`. */
  readonly again: string;
  /**
   * When a later step fails for a reason that another place may not share, everything back to this step is undone
   * and the operation goes on from it, at most `times` times.
   */
  readonly retryFrom?: { readonly step: string; readonly times: number };
}

/** `volume.create/1`: how registries and messages name a definition. */
export const definitionKey = (of: { kind: string; version: number }): string => `${of.kind}/${of.version}`;

/** The next step at or after `from` that the input needs, or undefined when none is left. */
export function nextStep(
  definition: OperationDefinition<never>,
  input: unknown,
  from: number,
): number | undefined {
  for (let index = from; index < definition.steps.length; index++) {
    if (needs(definition, index, input)) return index;
  }
  return undefined;
}

/** The next step at or before `from`, and not before `floor`, that has an undo to run. */
export function nextUndo(
  definition: OperationDefinition<never>,
  input: unknown,
  from: number,
  floor = 0,
): number | undefined {
  for (let index = from; index >= floor; index--) {
    if (definition.steps[index]?.undo && needs(definition, index, input)) return index;
  }
  return undefined;
}

function needs(definition: OperationDefinition<never>, index: number, input: unknown): boolean {
  const when = definition.steps[index]?.when as ((input: unknown) => boolean) | undefined;
  return when === undefined || when(input);
}
