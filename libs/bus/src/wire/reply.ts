import { type Call, RefusedError } from '@scoria/contracts';
import { Fault, type FaultKind } from '@scoria/domain';
import { InvalidBodyError, decodeBody, encodeBody } from './body.js';

export type ReplyOutcome = 'answered' | 'fault' | 'refused' | 'failed';

/** The end of a call on its way back. */
export interface Reply {
  readonly outcome: ReplyOutcome;
  readonly content: Buffer;
}

/** Complete by construction: the compiler refuses a kind that is missing here. */
const FAULT_KINDS: Record<FaultKind, true> = {
  badRequest: true,
  unauthorized: true,
  forbidden: true,
  notFound: true,
  badMethod: true,
  notAcceptable: true,
  conflict: true,
  gone: true,
  preconditionFailed: true,
  overLimit: true,
  badMediaType: true,
  unprocessable: true,
  tooManyRequests: true,
  internal: true,
  notImplemented: true,
  badGateway: true,
  unavailable: true,
};

export function answerReply(body: object): Reply {
  return { outcome: 'answered', content: encodeBody(body) };
}

export function refusalReply(detail: string): Reply {
  return { outcome: 'refused', content: encodeBody({ message: detail }) };
}

/** A Fault keeps what its caller may see, never its cause; any other error says nothing of itself. */
export function errorReply(error: unknown): Reply {
  if (!(error instanceof Fault)) return { outcome: 'failed', content: encodeBody({}) };
  const { kind, message, retryAfter, detail } = error;
  return { outcome: 'fault', content: encodeBody({ kind, message, retryAfter, detail }) };
}

/** The answer in a reply, or throws what the other side threw: Fault, RefusedError or a plain Error. */
export function readReply<R extends object>(contract: Call<object, R>, reply: Reply): R {
  switch (reply.outcome) {
    case 'answered':
      return readAnswer(contract, reply.content);
    case 'fault':
      throw readFault(contract.name, reply.content);
    case 'refused':
      throw new RefusedError(`${contract.name}: ${text(readObject(reply.content), 'message') ?? 'refused'}`);
    case 'failed':
      throw new Error(`${contract.name}: the handler failed`);
  }
}

export function isReplyOutcome(value: unknown): value is ReplyOutcome {
  return value === 'answered' || value === 'fault' || value === 'refused' || value === 'failed';
}

function readAnswer<R extends object>(contract: Call<object, R>, content: Buffer): R {
  try {
    return decodeBody(contract.reply, content);
  } catch (error) {
    if (error instanceof InvalidBodyError) {
      throw new RefusedError(`${contract.name}: invalid reply: ${error.message}`);
    }
    throw error;
  }
}

function readFault(contract: string, content: Buffer): Error {
  const fields = readObject(content);
  const kind = text(fields, 'kind');
  const message = text(fields, 'message') ?? `${contract}: the handler failed`;
  const retryAfter = typeof fields['retryAfter'] === 'number' ? { retryAfter: fields['retryAfter'] } : {};
  const detail = text(fields, 'detail');
  return new Fault(isFaultKind(kind) ? kind : 'internal', message, {
    ...retryAfter,
    ...(detail === undefined ? {} : { detail }),
  });
}

function isFaultKind(kind: string | undefined): kind is FaultKind {
  return kind !== undefined && Object.hasOwn(FAULT_KINDS, kind);
}

function readObject(content: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(content.toString('utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function text(fields: Record<string, unknown>, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' ? value.slice(0, 2_000) : undefined;
}
