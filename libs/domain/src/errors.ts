import { inspect } from 'node:util';

/**
 * The one error type that crosses layers. It has two audiences: `message` is for the caller and may leave the
 * process; `cause` is for the operator and goes to logs and traces only.
 */
export type FaultKind =
  | 'badRequest' // 400
  | 'unauthorized' // 401
  | 'forbidden' // 403
  | 'notFound' // 404
  | 'badMethod' // 405
  | 'notAcceptable' // 406
  | 'conflict' // 409
  | 'gone' // 410
  | 'preconditionFailed' // 412
  | 'overLimit' // 413
  | 'badMediaType' // 415
  | 'unprocessable' // 422
  | 'tooManyRequests' // 429
  | 'internal' // 500
  | 'notImplemented' // 501
  | 'badGateway' // 502
  | 'unavailable'; // 503

export interface FaultOptions {
  /** What went wrong underneath. Never shown to callers. */
  cause?: unknown;
  /** Seconds after which the caller may try again (`Retry-After`). */
  retryAfter?: number;
  /** The user-message detail this fault is reported under; see `user-messages.ts`. */
  detail?: string;
  /** Further members of the error's body, for programs. */
  members?: Readonly<Record<string, string>>;
}

export class Fault extends Error {
  readonly retryAfter: number | undefined;
  readonly detail: string | undefined;
  readonly members: Readonly<Record<string, string>> | undefined;

  constructor(
    readonly kind: FaultKind,
    message: string,
    options: FaultOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Fault';
    this.retryAfter = options.retryAfter;
    this.detail = options.detail;
    this.members = options.members;
  }
}

/** One line for logs: the message and the chain of causes, capped at 2,000 characters. Never throws, whatever was thrown. */
export function describeError(error: unknown): string {
  try {
    return described(error);
  } catch {
    return 'an error that cannot be described';
  }
}

function described(error: unknown): string {
  const parts: string[] = [];
  let current: unknown = error;
  for (let depth = 0; depth < 5 && current !== undefined && current !== null; depth++) {
    if (!(current instanceof Error)) {
      parts.push(typeof current === 'string' ? current : textOf(current));
      break;
    }
    parts.push(String(current.message || current.name));
    current = current.cause;
  }
  return parts.join(': ').slice(0, 2000);
}

/** As JSON where it can be, since that is how objects hide what is secret. */
function textOf(thrown: unknown): string {
  try {
    return JSON.stringify(thrown) ?? String(thrown);
  } catch {
    return inspect(thrown, { depth: 1, breakLength: Infinity });
  }
}
