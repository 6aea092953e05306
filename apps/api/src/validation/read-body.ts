import { Fault, REDACTED, isSecretName } from '@scoria/domain';
import type { Call } from '../frame/call.js';
import { fieldsOf, openBelowOf, type DeclaredField } from './field.js';

/** A body: its fields are declared with `Field`. */
type BodyType<T> = new () => T;

/** Characters of a refused value that are repeated. */
const SHOWN = 200;

/**
 * The object under `key` of the body (the body itself when `key` is null), as a validated `type`.
 *
 * @param siblings other top-level keys that may stand beside `key`
 * @throws Fault `badRequest`, naming the first thing that is wrong
 */
export function readBody<T extends object>(
  call: Call,
  key: string | null,
  type: BodyType<T>,
  siblings: readonly string[] = [],
): T {
  const { body } = call;
  if (body === undefined || body === null)
    throw new Fault('badRequest', 'Missing required element in the request body.');
  if (key === null) return readObject(call, 'body', body, type);
  if (!isObject(body)) throw invalid('body', body, `${show(body)} is not of type 'object'`);
  if (!Object.hasOwn(body, key)) throw invalid('body', body, `'${key}' is a required property`);
  const other = Object.keys(body).find((name) => name !== key && !siblings.includes(name));
  if (other !== undefined) throw unexpected('body', body, other);
  return readObject(call, key, body[key], type);
}

/**
 * `value` as a validated `type`; `name` is how messages call it. What is in the fields stays as JSON made it: no key that
 * a client invents means anything here, whatever it means to JavaScript.
 */
export function readObject<T extends object>(call: Call, name: string, value: unknown, type: BodyType<T>): T {
  if (!isObject(value)) throw invalid(name, value, `${show(value)} is not of type 'object'`);
  const fields = fieldsOf(type).filter(({ since }) => call.minor >= since);
  const unknown = Object.keys(value).find((key) => !fields.some((field) => field.name === key));
  if (unknown !== undefined && call.minor >= openBelowOf(type)) throw unexpected(name, value, unknown);
  const given = fields.filter((field) => Object.hasOwn(value, field.name));
  const missing = fields.find((field) => field.required && !given.includes(field));
  if (missing) throw invalid(name, value, `'${missing.name}' is a required property`);
  const entries = given.map((field) => [field.name, readField(field, value[field.name])] as const);
  return Object.assign(new type(), Object.fromEntries(entries));
}

function readField({ name, rule, nullable }: DeclaredField, value: unknown): unknown {
  if (nullable && value === null) return value;
  const reason = rule.check(value);
  if (reason !== undefined) throw invalid(name, value, reason);
  return rule.convert ? rule.convert(value) : value;
}

/** Cinder's form of a refusal (cinder-map §8.5). */
export function invalid(field: string, value: unknown, reason: string): Fault {
  const shown = isSecretName(field) ? REDACTED : show(value);
  return new Fault('badRequest', `Invalid input for field/attribute ${field}. Value: ${shown}. ${reason}`);
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function unexpected(name: string, value: unknown, key: string): Fault {
  return invalid(
    name,
    value,
    `Additional properties are not allowed ('${key.slice(0, SHOWN)}' was unexpected)`,
  );
}

const withoutSecrets = (key: string, value: unknown): unknown => (isSecretName(key) ? REDACTED : value);

export function show(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value, withoutSecrets) ?? 'None');
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text;
}
