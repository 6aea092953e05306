import { createRequire, syncBuiltinESMExports } from 'node:module';
import { createNoopMeter, type MeterProvider } from '@opentelemetry/api';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { isUntraced } from './untraced-paths.js';

/** The instrumentations' own metrics would double those of our catalogue. */
const noMetrics: MeterProvider = { getMeter: () => createNoopMeter() };

/** Server and client spans for node:http, and a span for each statement of pg, without its parameters. */
export function installInstrumentations(): void {
  registerInstrumentations({
    instrumentations: [
      new HttpInstrumentation({
        ignoreIncomingRequestHook: (request) => isUntraced(request.url),
        requireParentforOutgoingSpans: true,
      }),
      new PgInstrumentation({ requireParentSpan: true, ignoreConnectSpans: true }),
    ],
    meterProvider: noMetrics,
  });
  // Patching happens on `require`; node:http is usually loaded as a module, whose bindings must then be renewed.
  createRequire(import.meta.url)('node:http');
  syncBuiltinESMExports();
}
