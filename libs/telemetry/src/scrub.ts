import { isSecretName, maskUrlPasswords, REDACTED } from '@scoria/domain';

const MAX_DEPTH = 8;
const MAX_ITEMS = 200;
const MAX_TEXT = 8192;

/** A text fit for a log or span: no password within a URL, 8,192 characters at most. */
export function scrubText(text: string): string {
  return maskUrlPasswords(text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text);
}

/**
 * A copy fit for a log: secret-looking keys blanked at any depth, passwords within URLs masked, and bounded in depth,
 * items and text. Objects that know how to print themselves (`toJSON`) do so first.
 */
export function scrub(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return scrubText(value);
  if (typeof value === 'bigint') return value.toString();
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Error) return scrubError(value, depth);
  if (Buffer.isBuffer(value)) return `[${value.length} bytes]`;
  if (depth >= MAX_DEPTH) return '[too deep]';
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => scrub(item, depth + 1));
  if (hasToJson(value)) return scrub(value.toJSON(), depth + 1);
  const scrubbed: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value).slice(0, MAX_ITEMS)) {
    scrubbed[key] = isSecretName(key) && item !== undefined ? REDACTED : scrub(item, depth + 1);
  }
  return scrubbed;
}

/**
 * An error as type, message, stack, code and causes. Other properties stay out: database errors carry the
 * statement's parameters, HTTP errors the request's headers.
 */
export function scrubError(error: Error, depth = 0): Record<string, unknown> {
  const { code } = error as NodeJS.ErrnoException;
  return {
    type: error.name,
    message: scrubText(error.message),
    ...(error.stack === undefined ? {} : { stack: scrubText(error.stack) }),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(error.cause === undefined || depth >= MAX_DEPTH ? {} : { cause: scrub(error.cause, depth + 1) }),
  };
}

const hasToJson = (value: object): value is { toJSON(): unknown } =>
  'toJSON' in value && typeof value.toJSON === 'function';
