import 'reflect-metadata';
import { Transform } from 'class-transformer';
import { ValidateBy, ValidateIf } from 'class-validator';
import { declareGate } from '../microversion/gates.js';
import { minorOf, type Version } from '../microversion/microversion.js';

const FIELDS = Symbol('scoria.fields');
const OPEN_BELOW = Symbol('scoria.openBelow');

export interface FieldRule {
  /** Why the value is refused, as JSON schema's messages have it, or undefined when it is fine. */
  check: (value: unknown) => string | undefined;
  /** Of an accepted value, to its canonical form, which must be accepted too. */
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
  required: boolean;
  /** The least minor version. */
  since: number;
}

/** Declares a key of a request body: its rule, and the microversion that brought it. */
export function Field(rule: FieldRule, options: FieldOptions = {}): PropertyDecorator {
  const { required = false, nullable = false, since } = options;
  return (target, key) => {
    const name = String(key);
    if (since) declareGate(since, `${target.constructor.name}.${name}`);
    const fields = (Reflect.getOwnMetadata(FIELDS, target) ?? []) as DeclaredField[];
    Reflect.defineMetadata(
      FIELDS,
      [...fields, { name, required, since: since ? minorOf(since) : 0 }],
      target,
    );
    const absent = (value: unknown): boolean => value === undefined || (nullable && value === null);
    const { convert } = rule;
    if (convert) {
      Transform(({ value }: { value: unknown }) =>
        absent(value) || rule.check(value) !== undefined ? value : convert(value),
      )(target, name);
    }
    ValidateIf((_, value) => !absent(value))(target, name);
    ValidateBy({
      name: 'field',
      validator: {
        validate: (value: unknown) => rule.check(value) === undefined,
        defaultMessage: (args) => rule.check(args?.value) ?? 'is not valid',
      },
    })(target, name);
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
