import { Fault, type FaultKind } from '@scoria/domain';

/** Status code and wire name of each kind of fault (cinder-map §8.1). */
const WIRE: Record<FaultKind, readonly [status: number, name: string]> = {
  badRequest: [400, 'badRequest'],
  unauthorized: [401, 'unauthorized'],
  forbidden: [403, 'forbidden'],
  notFound: [404, 'itemNotFound'],
  badMethod: [405, 'badMethod'],
  notAcceptable: [406, 'computeFault'],
  conflict: [409, 'conflictingRequest'],
  gone: [410, 'gone'],
  preconditionFailed: [412, 'computeFault'],
  overLimit: [413, 'overLimit'],
  badMediaType: [415, 'badMediaType'],
  unprocessable: [422, 'computeFault'],
  tooManyRequests: [429, 'overLimit'],
  internal: [500, 'computeFault'],
  notImplemented: [501, 'notImplemented'],
  badGateway: [502, 'computeFault'],
  unavailable: [503, 'serviceUnavailable'],
};

/** Seconds of `Retry-After` where the fault names none: these kinds always have one. */
const RETRY_AFTER: Partial<Record<FaultKind, number>> = { overLimit: 0, tooManyRequests: 1, unavailable: 1 };

const GENERIC = 'The server has either erred or is incapable of performing the requested operation.';

/** Faults that Fastify and Nest raise themselves, by status code. */
const FROM_STATUS: Record<number, readonly [FaultKind, string]> = {
  400: ['badRequest', 'The request could not be read.'],
  404: ['notFound', 'The resource could not be found.'],
  405: ['badMethod', 'The method is not allowed for this resource.'],
  413: ['overLimit', 'Request is too large.'],
  414: ['badRequest', 'The URL is too long.'],
  415: ['badMediaType', 'Unsupported Content-Type.'],
  503: ['unavailable', 'The request took too long. Try again later.'],
};

/** Whatever was thrown, as a fault. What is not known to be meant for callers becomes a generic sentence. */
export function toFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const status = statusOf(error);
  const known = status === undefined ? undefined : FROM_STATUS[status];
  if (known) return new Fault(known[0], known[1], { cause: error });
  return new Fault('internal', GENERIC, { cause: error });
}

export interface WireFault {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export function toWire(fault: Fault): WireFault {
  const [status, name] = WIRE[fault.kind];
  const content: Record<string, unknown> = { code: status, message: fault.message, ...fault.members };
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  const retryAfter = fault.retryAfter ?? RETRY_AFTER[fault.kind];
  if (retryAfter !== undefined) headers['retry-after'] = String(retryAfter);
  if (name === 'overLimit') content.retryAfter = String(retryAfter);
  return { status, headers, body: JSON.stringify({ [name]: content }) };
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { statusCode, getStatus } = error as { statusCode?: unknown; getStatus?: () => unknown };
  const status = typeof getStatus === 'function' ? getStatus.call(error) : statusCode;
  return typeof status === 'number' ? status : undefined;
}
