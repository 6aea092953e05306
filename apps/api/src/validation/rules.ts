import { MAX_METADATA_ITEMS, isUuid } from '@scoria/domain';
import { asBoolean } from './booleans.js';
import type { FieldRule } from './field.js';
import { isObject, show } from './read-body.js';

/** Cinder's common types of request fields (cinder-map §8.5). */

const META_KEY = /^[a-zA-Z0-9-_:. /]{1,255}$/;
const MAX_INTEGER = 2 ** 31 - 1;

const notOfType = (value: unknown, type: string): string => `${show(value)} is not of type '${type}'`;

/** Of code points, as Python and PostgreSQL count them: a name of 255 emoji has 255 characters. */
export const lengthOf = (text: string): number => Array.from(text).length;

/** Text of a bounded length. */
export const text = (max = 255, min = 0): FieldRule => ({
  check: (value) => {
    if (typeof value !== 'string') return notOfType(value, 'string');
    const length = lengthOf(value);
    if (length > max) return `${show(value)} is too long`;
    return length < min ? `${show(value)} is too short` : undefined;
  },
});

/** A name: trimmed, at most 255 characters, at least `min`. */
export const name = (min = 0): FieldRule => ({
  check: (value) => {
    if (typeof value !== 'string') return notOfType(value, 'string');
    const length = lengthOf(value.trim());
    if (length < min) return `${show(value)} is too short`;
    return length > 255 ? `${show(value)} is too long` : undefined;
  },
  convert: (value) => (value as string).trim(),
});

export const uuid: FieldRule = {
  check: (value) => (asUuid(value) === undefined ? `${show(value)} is not a 'uuid'` : undefined),
  convert: asUuid,
};

/** Any form that Python's uuid reads is taken; rows know one form. */
function asUuid(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const digits = value
    .toLowerCase()
    .replace(/^urn:uuid:/, '')
    .replace(/[{}-]/g, '');
  const plain = digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return isUuid(plain) ? plain : undefined;
}

export const bool: FieldRule = {
  check: (value) => (asBoolean(value) === undefined ? notOfType(value, 'boolean') : undefined),
  convert: asBoolean,
};

/** A whole number, or its digits in a string. */
export const integer = (min: number, max = MAX_INTEGER): FieldRule => ({
  check: (value) => {
    const number = asInteger(value);
    if (number === undefined) return notOfType(value, 'integer');
    if (number < min) return `${number} is less than the minimum of ${min}`;
    return number > max ? `${number} is greater than the maximum of ${max}` : undefined;
  },
  convert: asInteger,
});

function asInteger(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? value : undefined;
  return typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : undefined;
}

export const oneOf = (...allowed: readonly string[]): FieldRule => ({
  check: (value) =>
    typeof value === 'string' && allowed.includes(value)
      ? undefined
      : `${show(value)} is not one of [${allowed.map((item) => `'${item}'`).join(', ')}]`,
});

/** Keys that a client invents. */
export const metadata = (maxValue = 255): FieldRule => ({
  check: (value) => {
    if (!isObject(value)) return notOfType(value, 'object');
    const items = Object.entries(value);
    if (items.length > MAX_METADATA_ITEMS)
      return `More than ${MAX_METADATA_ITEMS} metadata items are not allowed.`;
    for (const [key, item] of items) {
      if (!META_KEY.test(key)) return `Additional properties are not allowed ('${show(key)}' was unexpected)`;
      if (typeof item !== 'string') return notOfType(item, 'string');
      if (lengthOf(item) > maxValue) return `${show(item)} is too long`;
    }
    return undefined;
  },
});

export const object: FieldRule = {
  check: (value) => (isObject(value) ? undefined : notOfType(value, 'object')),
};

/** Taken whatever it is, and looked at elsewhere or not at all. */
export const anything: FieldRule = { check: () => undefined };
