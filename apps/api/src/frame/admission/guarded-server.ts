import { randomUUID } from 'node:crypto';
import { Server, type IncomingMessage, type ServerOptions, type ServerResponse } from 'node:http';
import type { Fault } from '@scoria/domain';
import { toWire } from '../faults.js';
import type { Admission } from './admission.js';

/** Bytes of a refused request's body that are read and thrown away; beyond, its connection is closed instead. */
const MAX_UNREAD_BYTES = 65_536;

/**
 * An HTTP server that asks `admission` before anything else is done with a request. It does so where requests are emitted,
 * not where they are handled: what traces them hooks in between.
 */
export class GuardedServer extends Server {
  constructor(
    private readonly admission: Admission,
    options: ServerOptions,
  ) {
    super(options);
  }

  override emit(event: string, ...args: unknown[]): boolean {
    if (event === 'request') {
      const [request, response] = args as [IncomingMessage, ServerResponse];
      const refusal = this.admission.enter(request, response);
      if (refusal) {
        refuse(request, response, refusal);
        return true;
      }
    }
    return super.emit(event, ...args);
  }
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
