import { SPEC_OPERATORS, wordsOf, textOf } from './spec-operators.js';

/** One extra spec that a pool has to meet. */
export interface Requirement {
  key: string;
  wanted: string | null;
  /** Path of the capability: names of nested dictionaries, then of the value. */
  path: readonly string[];
  /** Whether one value of the capability meets it. */
  isMetBy(value: unknown): boolean;
}

/**
 * The requirements among a type's extra specs: the unscoped, and those of the scope `capabilities`. Other scopes belong
 * to drivers and to Scoria itself (cinder-map §6.4).
 */
export function requirementsOf(extraSpecs: Readonly<Record<string, string | null>>): Requirement[] {
  return Object.entries(extraSpecs).flatMap(([key, wanted]) => {
    const scope = key.split(':');
    if (scope.length > 1 && scope[0] !== 'capabilities') return [];
    const path = scope[0] === 'capabilities' ? scope.slice(1) : scope;
    return [{ key, wanted, path, isMetBy: matcher(wanted) }];
  });
}

/** Whether a capability has a value that meets the requirement. Of a list, any element may. */
export function meets(capabilities: Readonly<Record<string, unknown>>, requirement: Requirement): boolean {
  let value: unknown = capabilities;
  for (const name of requirement.path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return false;
    value = (value as Record<string, unknown>)[name];
  }
  return Array.isArray(value) ? value.some((one) => requirement.isMetBy(one)) : requirement.isMetBy(value);
}

function matcher(wanted: string | null): (value: unknown) => boolean {
  if (wanted === null) return (value) => value === null;
  const words = wordsOf(wanted);
  const operator = SPEC_OPERATORS.get(words[0] ?? '');
  if (operator === undefined) return (value) => value === wanted;
  const test = operator(words.slice(1));
  return (value) => value !== null && value !== undefined && test(textOf(value));
}
