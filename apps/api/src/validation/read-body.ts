import { plainToInstance, type ClassConstructor } from 'class-transformer';
import { validateSync } from 'class-validator';
import { Fault, REDACTED, isSecretName } from '@scoria/domain';
import type { Call } from '../frame/call.js';
import { fieldsOf, openBelowOf } from './field.js';

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
  type: ClassConstructor<T>,
  siblings: readonly string[] = [],
): T {
  const { body } = call;
  if (body === undefined || body === null)
    throw new Fault('badRequest', 'Missing required element in the request body.');
  if (key === null) return readObject(call, 'body', body, type);
  if (!isObject(body)) throw invalid('body', body, `${show(body)} is not of type 'object'`);
  if (!Object.hasOwn(body, key)) throw invalid('body', body, `'${key}' is a required property`);
  const other = Object.keys(body).find((name) => name !== key && !siblings.includes(name));
  if (other !== undefined && call.minor >= openBelowOf(type)) throw unexpected('body', body, other);
  return readObject(call, key, body[key], type);
}

/** `value` as a validated `type`; `name` is how messages call it. */
export function readObject<T extends object>(
  call: Call,
  name: string,
  value: unknown,
  type: ClassConstructor<T>,
): T {
  if (!isObject(value)) throw invalid(name, value, `${show(value)} is not of type 'object'`);
  const fields = fieldsOf(type as { prototype: object }).filter(({ since }) => call.minor >= since);
  const known: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    if (fields.some((field) => field.name === key)) known[key] = item;
    else if (call.minor >= openBelowOf(type)) throw unexpected(name, value, key);
  }
  const missing = fields.find((field) => field.required && !Object.hasOwn(known, field.name));
  if (missing) throw invalid(name, value, `'${missing.name}' is a required property`);
  const instance = plainToInstance(type, known);
  const [error] = validateSync(instance, { stopAtFirstError: true, forbidUnknownValues: false });
  if (error)
    throw invalid(error.property, error.value, Object.values(error.constraints ?? {})[0] ?? 'is not valid');
  return instance;
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
