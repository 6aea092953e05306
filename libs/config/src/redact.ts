import { inspect } from 'node:util';
import { isSecretName, maskUrlPasswords, REDACTED } from '@scoria/domain';

const secretFields = new WeakMap<object, Set<string>>();

/** Marks a field whose value is never printed. */
export function Secret(): PropertyDecorator {
  return (target, key) => {
    const fields = secretFields.get(target) ?? new Set<string>();
    secretFields.set(target, fields.add(String(key)));
  };
}

/**
 * Base of all configuration classes: `JSON.stringify`, `console.log` and pino see a section without its secrets.
 * To hand a configuration to another process, hand over the file, not this print-out.
 */
export abstract class Redactable {
  toJSON(): unknown {
    return redacted(this);
  }

  [inspect.custom](): unknown {
    return redacted(this);
  }
}

/** A plain copy without secrets: marked fields, passwords within URLs, secret-looking free-form options. */
export function redacted(value: unknown): unknown {
  if (typeof value === 'string') return maskUrlPasswords(value);
  if (Array.isArray(value)) return value.map(redacted);
  if (value === null || typeof value !== 'object') return value;
  const marked = secretFields.get(Object.getPrototypeOf(value) as object);
  const typed = value instanceof Redactable;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const secret = typed ? marked?.has(key) : isSecretName(key);
      return [key, secret && item !== undefined ? REDACTED : redacted(item)];
    }),
  );
}
