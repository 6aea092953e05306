import 'reflect-metadata';
import { declareGate } from '../microversion/gates.js';
import { minorOf, type Version } from '../microversion/microversion.js';

const FIELDS = Symbol('scoria.fields');
const OPEN_BELOW = Symbol('scoria.openBelow');

export interface FieldRule {
  /** Why the value is refused, as JSON schema's messages have it, or undefined when it is fine. */
  check: (value: unknown) => string | undefined;
  /** Of an accepted value, to its canonical form. */
  convert?: (value: unknown) => unknown;
}

export interface FieldOptions {
  required?: boolean;
  /** Whether null is taken, as if absent. */
  nullable?: boolean;
  /** Below it the key is unknown. */
  since?: Version;
}

export interface DeclaredField {
  name: string;
  rule: FieldRule;
  required: boolean;
  nullable: boolean;
  /** The least minor version. */
  since: number;
}

/** Declares a key of a request body: its rule, and the microversion that brought it. A body has those that it extends too. */
export function Field(rule: FieldRule, options: FieldOptions = {}): PropertyDecorator {
  const { required = false, nullable = false, since } = options;
  return (target, key) => {
    const name = String(key);
    if (since) declareGate(since, `${target.constructor.name}.${name}`);
    const fields = (Reflect.getMetadata(FIELDS, target) ?? []) as DeclaredField[];
    const field: DeclaredField = { name, rule, required, nullable, since: since ? minorOf(since) : 0 };
    Reflect.defineMetadata(FIELDS, [...fields, field], target);
  };
}

export const fieldsOf = (type: { prototype: object }): DeclaredField[] =>
  (Reflect.getMetadata(FIELDS, type.prototype) ?? []) as DeclaredField[];

/** Unknown keys are dropped below this version instead of refused; without it a body is always closed. */
export function OpenBelow(version: Version): ClassDecorator {
  return (type) => {
    declareGate(version, `${type.name} is closed`);
    Reflect.defineMetadata(OPEN_BELOW, minorOf(version), type);
  };
}

/** Unknown keys are always taken, and dropped. */
export function Open(): ClassDecorator {
  return (type) => Reflect.defineMetadata(OPEN_BELOW, Infinity, type);
}

export const openBelowOf = (type: object): number => (Reflect.getMetadata(OPEN_BELOW, type) as number) ?? 0;
