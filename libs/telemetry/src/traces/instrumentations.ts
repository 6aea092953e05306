import { createRequire, syncBuiltinESMExports } from 'node:module';
import { createNoopMeter, type MeterProvider } from '@opentelemetry/api';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';

/** Asked every few seconds by machines; a span for each would bury the others. */
const UNTRACED_PATH = /^\/(metrics|live|ready|healthcheck)(\?|$)/;

/** The instrumentations' own metrics would double those of our catalogue. */
const noMetrics: MeterProvider = { getMeter: () => createNoopMeter() };

/**
 * Server and client spans for node:http, and a span for each statement of pg, without its parameters. With `recording`
 * off only the server side of HTTP is patched, which gives each request its ids.
 */
export function installInstrumentations(recording: boolean): void {
  const http = new HttpInstrumentation({
    ignoreIncomingRequestHook: (request) => UNTRACED_PATH.test(request.url ?? ''),
    requireParentforOutgoingSpans: true,
    disableOutgoingRequestInstrumentation: !recording,
  });
  const pg = new PgInstrumentation({ requireParentSpan: true, ignoreConnectSpans: true });
  registerInstrumentations({ instrumentations: recording ? [http, pg] : [http], meterProvider: noMetrics });
  // Patching happens on `require`; node:http is usually loaded as a module, whose bindings must then be renewed.
  createRequire(import.meta.url)('node:http');
  syncBuiltinESMExports();
}
