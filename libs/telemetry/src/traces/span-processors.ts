import { BatchSpanProcessor, SimpleSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace';
import { numberFrom, wantsOtlp } from '../otlp.js';
import { TraceFileExporter } from './trace-file.js';

/** Who receives finished spans. The OTLP exporter is loaded only when asked for: it costs memory. */
export async function createSpanProcessors(env: NodeJS.ProcessEnv): Promise<SpanProcessor[]> {
  const processors: SpanProcessor[] = [];
  if (env.SCORIA_TRACE_FILE) {
    processors.push(new SimpleSpanProcessor({ exporter: new TraceFileExporter(env.SCORIA_TRACE_FILE) }));
  }
  if (wantsOtlp('TRACES', env)) {
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto');
    processors.push(
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter(),
        maxQueueSize: numberFrom(env, 'OTEL_BSP_MAX_QUEUE_SIZE'),
        maxExportBatchSize: numberFrom(env, 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE'),
        scheduledDelayMillis: numberFrom(env, 'OTEL_BSP_SCHEDULE_DELAY'),
        exportTimeoutMillis: numberFrom(env, 'OTEL_BSP_EXPORT_TIMEOUT'),
      }),
    );
  }
  return processors;
}
