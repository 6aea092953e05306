import 'reflect-metadata';
import type { RequestListener } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { NestLogger } from '@scoria/telemetry';
import type { FastifyReply } from 'fastify';
import { ApiModule } from './api.module.js';
import { Cleaner } from './cleaning/cleaner.js';
import { EventStreams } from './events/event-streams.js';
import { Admission } from './frame/admission/admission.js';
import { GuardedServer } from './frame/admission/guarded-server.js';
import { Strain } from './frame/admission/strain.js';
import { registerBodyParsers } from './frame/body-parser.js';
import type { ApiDeps } from './frame/deps.js';
import { Drain } from './frame/drain.js';
import { FaultFilter } from './frame/fault.filter.js';
import { toFault, toWire } from './frame/faults.js';
import { registerRequestFrame } from './frame/request-frame.js';
import { registerCloudMetrics } from './metrics/cloud-metrics.js';

export interface Api {
  /** Starts to listen where the configuration says; answers the URL, e.g. `http://127.0.0.1:8776`. */
  listen(): Promise<string>;
  /**
   * Says at once that it is not ready; takes requests for `api.drainSeconds` more, each the last of its connection;
   * then lets the running ones end. Those that wait for an operation have `graceMs` more, and are then asked to come
   * again.
   */
  close(graceMs?: number): Promise<void>;
}

/** Milliseconds that requests have which wait for an operation, where the caller says nothing else. */
const DEFAULT_GRACE_MS = 5000;

/** Milliseconds for the last answers after that. Whoever is still sending a request then loses the connection. */
const LAST_ANSWERS_MS = 5000;

/** Bytes of all headers of a request together; Keystone's largest tokens take about half of it. */
const MAX_HEADER_BYTES = 32_768;

/** How long a connection may take to say what it wants: one that says nothing holds up a shutdown, too. */
const HEADERS_TIMEOUT_MS = 10_000;
const CHECK_CONNECTIONS_MS = 1000;

/** How long an idle connection is kept: longer than load balancers do, so that none sends into one that is being closed. */
const KEEP_ALIVE_MS = 72_000;

/** Characters of one path parameter. */
const MAX_PARAMETER_LENGTH = 255;

/** The gateway: HTTP in, Block Storage API v3 out. The same for `scoria api` and for the single-process run. */
export async function createApi(deps: ApiDeps): Promise<Api> {
  const { api } = deps.config;
  const strain = new Strain(deps.database.connections, api);
  const admission = new Admission({ config: api, strain: () => strain.reason, logger: deps.logger });
  const adapter = new FastifyAdapter({
    bodyLimit: api.bodyLimitBytes,
    handlerTimeout: api.requestTimeoutMs,
    serverFactory: (handler: RequestListener) => {
      const server = new GuardedServer(admission, {
        maxHeaderSize: MAX_HEADER_BYTES,
        requestTimeout: api.requestTimeoutMs,
        headersTimeout: Math.min(api.requestTimeoutMs, HEADERS_TIMEOUT_MS),
        connectionsCheckingInterval: CHECK_CONNECTIONS_MS,
        keepAliveTimeout: KEEP_ALIVE_MS,
      });
      server.on('request', handler);
      server.maxConnections = api.maxConnections;
      return server;
    },
    forceCloseConnections: 'idle',
    // A request that came over a connection from before is as good as any.
    return503OnClosing: false,
    exposeHeadRoutes: false,
    // For `/v3/` alone; the frame refuses it elsewhere.
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH, ignoreTrailingSlash: true },
    skipMiddie: true,
    // What the router refuses reaches neither hooks nor filters.
    frameworkErrors: (error: unknown, _request: unknown, reply: FastifyReply) => {
      const { status, headers, body } = toWire(toFault(error));
      void reply.status(status).headers(headers).send(body);
    },
  });
  const fastify = adapter.getInstance();
  registerBodyParsers(fastify);
  const drain = new Drain();
  registerRequestFrame(fastify, deps, admission, drain);
  const app = await NestFactory.create<NestFastifyApplication>(ApiModule.with(deps, drain), adapter, {
    bodyParser: false,
    abortOnError: false,
    logger: new NestLogger(deps.logger.child({}, { level: 'warn' })),
  });
  app.useGlobalFilters(new FaultFilter(deps));
  await app.init();
  const cleaner = new Cleaner(deps);
  const streams = app.get(EventStreams);
  const endMetrics = registerCloudMetrics(deps);
  return {
    listen: async () => {
      cleaner.start();
      await app.listen(api.port, api.host);
      return (await app.getUrl()).replace('[::1]', 'localhost');
    },
    close: async (graceMs = DEFAULT_GRACE_MS) => {
      drain.begin();
      cleaner.stop();
      endMetrics();
      strain[Symbol.dispose]();
      await delay(api.drainSeconds * 1000);
      const timers = [
        setTimeout(() => drain.end(), graceMs),
        setTimeout(() => fastify.server.closeAllConnections(), graceMs + LAST_ANSWERS_MS),
      ];
      await streams.close();
      await app.close();
      timers.forEach(clearTimeout);
      admission[Symbol.dispose]();
    },
  };
}
