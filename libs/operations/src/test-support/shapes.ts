import { definitionKey } from '../definition.js';
import { OPERATIONS } from '../definitions/index.js';

export interface OperationShape {
  /** `name at place`, with what else two releases must agree on. */
  steps: string[];
  retryFrom?: string;
}

/** Every operation as data, by `kind/version`. How often and how long something is tried may change. */
export function operationShapes(): Record<string, OperationShape> {
  return Object.fromEntries(
    OPERATIONS.map((definition) => [
      definitionKey(definition),
      {
        steps: definition.steps.map(({ name, at, undo, when }) =>
          [name, 'at', at, ...(undo ? ['with undo'] : []), ...(when ? ['where needed'] : [])].join(' '),
        ),
        ...(definition.retryFrom ? { retryFrom: definition.retryFrom.step } : {}),
      },
    ]),
  );
}
