import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { Fault, isUuid, type RequestContext } from '@scoria/domain';
import type { CatalogEntry } from '@scoria/identity';
import type { Context } from '@opentelemetry/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { readFlag } from '../validation/booleans.js';
import { pathOf } from './path-of.js';
import { minorOf, type Version } from '../microversion/microversion.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set once the caller is known; absent on public routes. */
    call: Call | null;
    requestId: string;
    /** `req-<uuid>` of the service that called on somebody's behalf, for logs. */
    globalRequestId: string | null;
    startedAt: number;
    /** Of the server span; null before the first hook. */
    traceContext: Context | null;
    /** Gives back the place among the requests in flight. */
    leaveAdmission: (() => void) | null;
    /** Whether the answer lasts as long as somebody listens. */
    streams: boolean;
  }
}

export interface CallParts {
  request: FastifyRequest;
  reply: FastifyReply;
  context: RequestContext;
  minor: number;
  /** `http://host:port`, without version or trailing slash. */
  linkBase: string;
  token: string | undefined;
  catalog: CatalogEntry[];
  expiresAt?: Date | undefined;
}

/** One authenticated request as handlers see it. */
export class Call {
  readonly context: RequestContext;
  /** Of the microversion. */
  readonly minor: number;
  readonly linkBase: string;
  /** The caller's own token, for services asked on its behalf while the request lasts. */
  readonly token: string | undefined;
  readonly catalog: CatalogEntry[];
  /** When the caller's token ends, where that is known. */
  readonly expiresAt: Date | undefined;
  private readonly request: FastifyRequest;
  private readonly reply: FastifyReply;

  constructor(parts: CallParts) {
    this.request = parts.request;
    this.reply = parts.reply;
    this.context = parts.context;
    this.minor = parts.minor;
    this.linkBase = parts.linkBase;
    this.token = parts.token;
    this.catalog = parts.catalog;
    this.expiresAt = parts.expiresAt;
  }

  supports(version: Version): boolean {
    return this.minor >= minorOf(version);
  }

  /** The project whose rows the caller may touch; null for administrators, who may touch all. */
  get scope(): string | null {
    return this.context.isAdmin ? null : this.context.projectId;
  }

  get body(): unknown {
    return this.request.body;
  }

  get query(): Record<string, string | string[]> {
    return this.request.query as Record<string, string | string[]>;
  }

  get method(): string {
    return this.request.method;
  }

  /** The path as requested, without query. */
  get path(): string {
    return pathOf(this.request.url);
  }

  param(name: string): string {
    return (this.request.params as Record<string, string>)[name] ?? '';
  }

  /** A path parameter that names a row. What is not a UUID cannot exist. */
  uuid(name: string, kind: string): string {
    const text = this.param(name);
    if (!isUuid(text)) throw new Fault('notFound', `${kind} ${text.slice(0, 64)} could not be found.`);
    return text;
  }

  /**
   * A query parameter that means yes or no; an absent one means no (Cinder's `get_bool_param`).
   *
   * @throws Fault `badRequest` for one that means neither: what `cascade=maybe` would do is not to be guessed
   */
  flag(key: string): boolean {
    const text = [this.query[key]].flat().at(-1);
    if (text === undefined) return false;
    const value = readFlag(text);
    if (value !== undefined) return value;
    throw new Fault('badRequest', `Value '${text.slice(0, 64)}' for '${key}' is not a boolean.`);
  }

  header(name: string): string | undefined {
    const value = this.request.headers[name];
    return Array.isArray(value) ? value.join(',') : value;
  }

  /** Milliseconds since it came. */
  get age(): number {
    return performance.now() - this.request.startedAt;
  }

  /** Aborted when nobody waits for the answer any more: the client has gone. */
  get gone(): AbortSignal {
    const gone = new AbortController();
    const { raw } = this.reply;
    const leave = (): void => {
      if (!raw.writableFinished) gone.abort(new Fault('unavailable', 'The client has gone.'));
    };
    if (raw.closed) leave();
    else raw.once('close', leave);
    return gone.signal;
  }

  respondWith(status: number, headers: Record<string, string> = {}): void {
    this.reply.status(status).headers(headers);
  }

  /**
   * Takes the answer over, for one that lasts: it has no limit of time, and no place among the requests in flight. What
   * goes wrong from here on can only end it.
   */
  beginStream(headers: OutgoingHttpHeaders): ServerResponse {
    const { request, reply } = this;
    request.leaveAdmission?.();
    request.streams = true;
    reply.hijack();
    reply.raw.writeHead(200, { ...(reply.getHeaders() as OutgoingHttpHeaders), ...headers });
    return reply.raw;
  }
}

/** Injects the `Call` into a handler's parameter. */
export const TheCall = createParamDecorator((_: unknown, context: ExecutionContext): Call => {
  const { call } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!call) throw new Fault('internal', 'A handler that needs a caller is public.');
  return call;
});
