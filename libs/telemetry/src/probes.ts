import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PROMETHEUS_CONTENT_TYPE, prometheusText } from './metrics/prometheus-text.js';

export interface Readiness {
  ok: boolean;
  /** Why not, one short line each; shown to whoever asks, so without secrets. */
  reasons: readonly string[];
}

export interface ProbesOptions {
  host: string;
  /** 0 takes any free port. */
  port: number;
  /** Whether this process can do its work now. Given two seconds. */
  ready: () => Promise<Readiness>;
}

export interface Probes {
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

const READY_TIMEOUT_MS = 2000;

/**
 * `/live` (the event loop turns; never looks at the database or the broker, or an outage becomes a storm of restarts),
 * `/ready` (200 or 503 with reasons) and `/metrics`, for services that have no HTTP of their own.
 */
export async function serveProbes({ host, port, ready }: ProbesOptions): Promise<Probes> {
  const routes: Record<string, (response: ServerResponse) => Promise<void>> = {
    '/live': async (response) => answer(response, 200, { ok: true }),
    '/ready': async (response) => {
      const readiness = await readinessInTime(ready);
      answer(response, readiness.ok ? 200 : 503, readiness);
    },
    '/metrics': async (response) => {
      const text = await prometheusText();
      response.writeHead(200, { 'content-type': PROMETHEUS_CONTENT_TYPE }).end(text);
    },
  };
  const server = createServer({ requestTimeout: 5000, headersTimeout: 5000 }, (request, response) => {
    const route = request.method === 'GET' ? routes[request.url?.split('?')[0] ?? ''] : undefined;
    if (!route) answer(response, 404, { ok: false });
    else route(response).catch(() => answer(response, 500, { ok: false }));
  });
  server.maxConnections = 64;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  // A process that has nothing else to do may end.
  server.unref();
  return {
    host,
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readinessInTime(ready: () => Promise<Readiness>): Promise<Readiness> {
  const timeout = new AbortController();
  const late = new Promise<Readiness>((resolve) => {
    const timer = setTimeout(
      () => resolve({ ok: false, reasons: [`no answer within ${READY_TIMEOUT_MS} ms`] }),
      READY_TIMEOUT_MS,
    );
    timeout.signal.addEventListener('abort', () => clearTimeout(timer));
  });
  try {
    return await Promise.race([ready(), late]);
  } catch {
    return { ok: false, reasons: ['the check itself failed; see the log'] };
  } finally {
    timeout.abort();
  }
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
