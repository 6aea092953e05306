import { type ClassConstructor, plainToInstance } from 'class-transformer';
import { type ValidationError, validateSync } from 'class-validator';
import { RefusedError } from '@scoria/contracts';
import { MAX_BODY_BYTES } from '../options.js';

/** The JSON of a body. Rejects what is too large for the bus with RefusedError. */
export function encodeBody(body: object): Buffer {
  const content = Buffer.from(JSON.stringify(body));
  if (content.length > MAX_BODY_BYTES) {
    throw new RefusedError(`a body of ${content.length} bytes exceeds the limit of ${MAX_BODY_BYTES}`);
  }
  return content;
}

/** What was wrong with a body: a word for the machine and a line for the operator. */
export class InvalidBodyError extends Error {
  override name = 'InvalidBodyError';
  constructor(
    readonly reason: 'too-large' | 'unparseable' | 'invalid-body',
    detail: string,
  ) {
    super(detail);
  }
}

/**
 * A validated instance of `type`. Unknown properties are dropped rather than refused: a sender of the next
 * release may add optional ones within a version. Throws InvalidBodyError.
 */
export function decodeBody<B extends object>(type: ClassConstructor<B>, content: Buffer): B {
  if (content.length > MAX_BODY_BYTES) {
    throw new InvalidBodyError('too-large', `${content.length} bytes exceed the limit of ${MAX_BODY_BYTES}`);
  }
  const body = plainToInstance(type, parseObject(content));
  const errors = validateSync(body, { whitelist: true, forbidUnknownValues: false });
  if (errors.length > 0) throw new InvalidBodyError('invalid-body', describe(errors));
  return body;
}

function parseObject(content: Buffer): object {
  let value: unknown;
  try {
    value = JSON.parse(content.toString('utf8'));
  } catch {
    throw new InvalidBodyError('unparseable', 'not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidBodyError('unparseable', 'not a JSON object');
  }
  return value;
}

/** Names of properties and broken rules, never values: those may be secrets. */
function describe(errors: ValidationError[]): string {
  return errors
    .map((error) => `${error.property}: ${Object.keys(error.constraints ?? { nested: '' }).join(', ')}`)
    .join('; ')
    .slice(0, 500);
}
