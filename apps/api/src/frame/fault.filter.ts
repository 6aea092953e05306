import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { describeError } from '@scoria/domain';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiDeps } from './deps.js';
import { toFault, toWire } from './faults.js';

/** The one place where errors become answers: handlers', hooks' and the HTTP server's own. */
@Catch()
export class FaultFilter implements ExceptionFilter {
  constructor(private readonly deps: Pick<ApiDeps, 'config' | 'logger'>) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const fault = toFault(error);
    const { status, headers, body } = toWire(fault);
    if (status >= 500) {
      const fields = { requestId: request.requestId, status, cause: describeError(fault.cause ?? fault) };
      if (fault.kind === 'internal')
        this.deps.logger.error({ ...fields, error: fault.cause ?? fault }, 'request failed');
      else this.deps.logger.warn(fields, 'request refused');
    }
    if (reply.sent || reply.raw.headersSent) return;
    if (status === 401 && this.deps.config.keystone.url !== undefined) {
      headers['www-authenticate'] = `Keystone uri="${this.deps.config.keystone.url}"`;
    }
    void reply.status(status).headers(headers).send(body);
  }
}
