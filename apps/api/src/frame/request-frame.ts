import { randomUUID } from 'node:crypto';
import { context as otel } from '@opentelemetry/api';
import { Fault, type RequestContext } from '@scoria/domain';
import { noauthLoginHeaders } from '@scoria/identity';
import { count, currentTraceId, nameServerSpan, record, withLogContext } from '@scoria/telemetry';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { negotiate } from '../microversion/microversion.js';
import type { Admission } from './admission/admission.js';
import { Call } from './call.js';
import type { ApiDeps } from './deps.js';
import type { Drain } from './drain.js';
import { linkBase } from './link-base.js';
import { pathOf } from './path-of.js';
import { PROBE_PATHS, PUBLIC_PATHS } from './public-paths.js';

const GLOBAL_REQUEST_ID = /^req-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const PROJECT_PARAMETER = 'project_id';

/**
 * What happens to every request before and after its handler, in Cinder's order: request id, who calls, the project's
 * admission, the project in the URL, the microversion (cinder-map §0). `GuardedServer` has refused what is too much for all
 * before.
 */
export function registerRequestFrame(
  fastify: FastifyInstance,
  deps: ApiDeps,
  admission: Admission,
  drain: Drain,
): void {
  fastify.decorateRequest('call', null);
  fastify.decorateRequest('requestId', '');
  fastify.decorateRequest('globalRequestId', null);
  fastify.decorateRequest('startedAt', 0);
  fastify.decorateRequest('traceContext', null);
  fastify.decorateRequest('leaveAdmission', null);
  fastify.decorateRequest('streams', false);

  fastify.addHook('onRequest', (request, reply, done) => {
    begin(request, reply);
    // Closed comes last and always: after the answer, and when the client has gone away, which no hook tells of.
    reply.raw.once('close', () => otel.with(request.traceContext!, () => finish(request, reply, deps)));
    withLogContext({ requestId: request.requestId }, done);
  });
  fastify.addHook('onRequest', async (request, reply) => {
    const path = pathOf(request.url);
    if (request.url.includes('%00')) throw new Fault('badRequest', 'The URL contains NUL.');
    if (PUBLIC_PATHS.has(path)) return;
    if (await answeredLogin(request, reply, deps)) return reply;
    await identify(request, reply, deps, (caller, token) => {
      request.leaveAdmission = admission.enterProject(caller, token, path, reply.raw);
    });
    refuseEmptyId(path);
  });
  // Reading a body leaves the asynchronous context of the hooks above; handlers need it again.
  fastify.addHook('preHandler', (request, _reply, done) => {
    otel.with(request.traceContext!, () => withLogContext({ requestId: request.requestId }, done));
  });
  fastify.addHook('onSend', (_request, reply, _payload, done) => {
    // From here on its client may take its time, but not stand still: that would keep its place for ever.
    reply.raw.setTimeout(deps.config.api.requestTimeoutMs);
    if (drain.hasBegun) reply.header('connection', 'close');
    done();
  });
}

function begin(request: FastifyRequest, reply: FastifyReply): void {
  request.startedAt = performance.now();
  request.traceContext = otel.active();
  request.requestId = `req-${randomUUID()}`;
  const global = request.headers['x-openstack-request-id'];
  if (typeof global === 'string' && GLOBAL_REQUEST_ID.test(global)) request.globalRequestId = global;
  reply.headers({
    'content-type': 'application/json',
    'x-compute-request-id': request.requestId,
    'x-openstack-request-id': request.requestId,
  });
  const { url } = request.routeOptions;
  if (url !== undefined) nameServerSpan(url);
  const traceId = currentTraceId();
  if (traceId !== undefined) reply.header('x-trace-id', traceId);
}

/**
 * A client that asks for the row with an empty id (`/volumes/`) must not be given the list, nor an empty name be set
 * anything. Cinder's routes have no slash at their end, either.
 */
function refuseEmptyId(path: string): void {
  if (path.endsWith('/')) throw new Fault('notFound', 'The resource could not be found.');
}

/** noauth's log-in: a request without a token is told one (used by clients without Keystone). */
async function answeredLogin(
  request: FastifyRequest,
  reply: FastifyReply,
  { config }: ApiDeps,
): Promise<boolean> {
  if (config.api.authStrategy !== 'noauth' || request.headers['x-auth-token'] !== undefined) return false;
  const base = `${linkBase(request, config.api.publicEndpoint)}/v3`;
  const asked = { user: header(request, 'x-auth-user'), project: header(request, 'x-auth-project-id') };
  await reply.status(204).headers(noauthLoginHeaders(base, asked)).send();
  return true;
}

async function identify(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: ApiDeps,
  admit: (caller: RequestContext, token: string | undefined) => void,
): Promise<void> {
  const token = header(request, 'x-auth-token');
  const identity = await deps.authenticator.authenticate(
    { authToken: token, serviceToken: header(request, 'x-service-token') },
    { readOnly: request.method === 'GET' || request.method === 'HEAD' },
  );
  const context = { ...identity.context, requestId: request.requestId };
  admit(context, token);
  const { [PROJECT_PARAMETER]: project } = request.params as Record<string, string>;
  if (project !== undefined && project !== context.projectId) {
    throw new Fault('badRequest', 'Malformed request url');
  }
  const minor = negotiate(header(request, 'openstack-api-version'));
  reply.headers({ 'openstack-api-version': `volume 3.${minor}`, vary: 'OpenStack-API-Version' });
  request.call = new Call({
    request,
    reply,
    context,
    minor,
    linkBase: linkBase(request, deps.config.api.publicEndpoint),
    token,
    catalog: identity.catalog ?? [],
    expiresAt: identity.expiresAt,
  });
}

/** What a client does not wait for has no status of its own; this is the one that nginx's logs have made known. */
const CLIENT_GONE = 499;

/** A stream ends when its client goes: that is no failure. */
const statusOf = ({ streams }: FastifyRequest, { raw, statusCode }: FastifyReply): number =>
  raw.writableFinished || streams ? statusCode : CLIENT_GONE;

function finish(request: FastifyRequest, reply: FastifyReply, { logger }: ApiDeps): void {
  const path = pathOf(request.url);
  if (PROBE_PATHS.has(path)) return;
  const milliseconds = performance.now() - request.startedAt;
  const route = request.routeOptions.url ?? 'none';
  const labels = { method: request.method, route };
  const status = statusOf(request, reply);
  count('scoria_http_requests', { ...labels, status: String(status) });
  if (!request.streams) {
    record('scoria_http_request_duration_seconds', milliseconds / 1000, {
      ...labels,
      status_class: `${Math.floor(status / 100)}xx`,
    });
  }
  logger.info(
    {
      requestId: request.requestId,
      globalRequestId: request.globalRequestId ?? undefined,
      method: request.method,
      path,
      status,
      milliseconds: Math.round(milliseconds * 10) / 10,
      projectId: request.call?.context.projectId,
      userId: request.call?.context.userId,
    },
    'request',
  );
}

/** Undefined when absent; a header that came several times is joined, as proxies do. */
function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}
