import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { PeriodicExportingMetricReader, type MetricReader } from '@opentelemetry/sdk-metrics';
import { numberFrom, wantsOtlp } from '../otlp.js';
import { observableProducer } from './observable-producer.js';
import { setPrometheusReader } from './prometheus-text.js';

/** Who reads the metrics: /metrics always, a collector when the `OTEL_*` variables ask for it. */
export async function createMetricReaders(env: NodeJS.ProcessEnv): Promise<MetricReader[]> {
  const prometheus = new PrometheusExporter({
    preventServerStart: true,
    metricProducers: [observableProducer],
  });
  setPrometheusReader(prometheus);
  if (!wantsOtlp('METRICS', env)) return [prometheus];
  const { OTLPMetricExporter } = await import('@opentelemetry/exporter-metrics-otlp-proto');
  return [
    prometheus,
    new PeriodicExportingMetricReader({
      exporter: new OTLPMetricExporter(),
      metricProducers: [observableProducer],
      exportIntervalMillis: numberFrom(env, 'OTEL_METRIC_EXPORT_INTERVAL'),
      exportTimeoutMillis: numberFrom(env, 'OTEL_METRIC_EXPORT_TIMEOUT'),
    }),
  ];
}
