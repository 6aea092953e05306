import { randomUUID } from 'node:crypto';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import type { Fault } from '@scoria/domain';
import { toWire } from '../faults.js';
import type { Admission } from './admission.js';

/** Bytes of a refused request's body that are read and thrown away; beyond, its connection is closed instead. */
const MAX_UNREAD_BYTES = 65_536;

/** An HTTP server that asks `admission` before anything else is done with a request. */
export function guardedServer(
  admission: Admission,
  handler: RequestListener,
  options: ServerOptions,
): Server {
  return createServer(options, (request, response) => {
    const refusal = admission.enter(request, response);
    if (refusal) refuse(request, response, refusal);
    else handler(request, response);
  });
}

/** An answer like any other, without what makes others costly: no router, no trace, no line in the log. */
function refuse(request: IncomingMessage, response: ServerResponse, fault: Fault): void {
  const { status, headers, body } = toWire(fault);
  const id = `req-${randomUUID()}`;
  response.writeHead(status, {
    ...headers,
    'content-length': Buffer.byteLength(body),
    'x-compute-request-id': id,
    'x-openstack-request-id': id,
    ...(hasLongBody(request) ? { connection: 'close' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function hasLongBody({ headers }: IncomingMessage): boolean {
  if (headers['transfer-encoding'] !== undefined) return true;
  return Number(headers['content-length'] ?? 0) > MAX_UNREAD_BYTES;
}
