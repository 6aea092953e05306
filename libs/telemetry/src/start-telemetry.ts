import { context, metrics, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { createMetricReaders } from './metrics/metric-readers.js';
import { registerProcessMetrics } from './metrics/process-metrics.js';
import { createResource } from './resource.js';
import { installRequestIds } from './traces/request-ids.js';
import { chooseSampler } from './traces/sampler.js';
import { createSpanProcessors } from './traces/span-processors.js';

export interface StartTelemetryOptions {
  /** E.g. `scoria-api`; `OTEL_SERVICE_NAME` wins. */
  service: string;
  /** Default: none given. */
  version?: string;
  /** Default `process.env`. */
  env?: NodeJS.ProcessEnv;
}

export interface Telemetry {
  /** Whether spans are recorded for anyone. */
  readonly recording: boolean;
  /** Sends what is left and stops. Waits for a slow collector no longer than its export timeout. */
  shutdown(): Promise<void>;
}

let started: Promise<Telemetry> | undefined;

/**
 * Starts traces and metrics of this process, once; later calls return the first. Call it before anything imports pg, or
 * run node with `--import @scoria/telemetry/register`.
 *
 * The parts of the SDK are put together here rather than by `@opentelemetry/sdk-node`, which loads every exporter there
 * is (20 MB and 0.3 s for each process); what only recording needs is loaded only then.
 */
export function startTelemetry(options: StartTelemetryOptions): Promise<Telemetry> {
  started ??= start(options);
  return started;
}

async function start({
  service,
  version = '',
  env = process.env,
}: StartTelemetryOptions): Promise<Telemetry> {
  const resource = createResource(service, version);
  const spanProcessors = await createSpanProcessors(env);
  const recording = spanProcessors.length > 0;
  const tracerProvider = new TracerProvider({
    resource,
    spanProcessors,
    sampler: chooseSampler(recording, env),
    spanLimits: {
      attributeValueLengthLimit: 2048,
      attributeCountLimit: 64,
      eventCountLimit: 32,
      linkCountLimit: 16,
    },
  });
  const meterProvider = new MeterProvider({ resource, readers: await createMetricReaders(env) });

  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(tracerProvider);
  metrics.setGlobalMeterProvider(meterProvider);
  if (recording) (await import('./traces/instrumentations.js')).installInstrumentations();
  else installRequestIds();
  registerProcessMetrics();

  return {
    recording,
    shutdown: async () => {
      await Promise.allSettled([tracerProvider.shutdown(), meterProvider.shutdown()]);
    },
  };
}
