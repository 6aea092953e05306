import type { FastifyRequest } from 'fastify';

const HOST = /^[a-z0-9._-]{1,253}(:\d{1,5})?$|^\[[0-9a-f:.]{2,45}\](:\d{1,5})?$/i;
const PREFIX = /^(\/[\w.~-]{1,64}){1,8}\/?$/;

/**
 * Where links point: the configured public endpoint, else what the proxy or the client says of itself. Headers are used
 * only when they look like a host or a path: they end up in answers.
 */
export function linkBase(request: FastifyRequest, publicEndpoint: string | undefined): string {
  if (publicEndpoint !== undefined) return publicEndpoint.replace(/\/+$/, '');
  const first = (name: string): string | undefined => {
    const value = request.headers[name];
    return (Array.isArray(value) ? value[0] : value)?.split(',', 1)[0]?.trim();
  };
  const forwardedHost = first('x-forwarded-host');
  const host = forwardedHost !== undefined && HOST.test(forwardedHost) ? forwardedHost : first('host');
  const scheme = first('x-forwarded-proto')?.toLowerCase() === 'https' ? 'https' : request.protocol;
  const prefix = first('x-forwarded-prefix');
  const path = prefix !== undefined && PREFIX.test(prefix) ? prefix.replace(/\/$/, '') : '';
  return `${scheme}://${host !== undefined && HOST.test(host) ? host : 'localhost'}${path}`;
}
