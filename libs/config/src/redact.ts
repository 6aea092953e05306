import { inspect } from 'node:util';

/** What stands in a print-out where a secret was. */
export const REDACTED = '[redacted]';

/** Names under which a driver's free-form options hold secrets. */
const SECRET_NAME = /passw|passphrase|secret|token|credential|(^|_)key$|apikey|private|chap/i;

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
  if (typeof value === 'string') return withoutUrlPassword(value);
  if (Array.isArray(value)) return value.map(redacted);
  if (value === null || typeof value !== 'object') return value;
  const marked = secretFields.get(Object.getPrototypeOf(value) as object);
  const typed = value instanceof Redactable;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const secret = typed ? marked?.has(key) : SECRET_NAME.test(key);
      return [key, secret && item !== undefined ? REDACTED : redacted(item)];
    }),
  );
}

function withoutUrlPassword(text: string): string {
  if (!text.includes('://') || !URL.canParse(text)) return text;
  const url = new URL(text);
  const secretParameters = [...url.searchParams.keys()].filter((name) => SECRET_NAME.test(name));
  if (!url.password && secretParameters.length === 0) return text;
  if (url.password) url.password = 'redacted';
  for (const name of secretParameters) url.searchParams.set(name, 'redacted');
  return url.href;
}
