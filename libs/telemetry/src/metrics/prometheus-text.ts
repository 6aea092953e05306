import { diag } from '@opentelemetry/api';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import type { MetricReader } from '@opentelemetry/sdk-metrics';

/** The content type of `prometheusText()`. */
export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Milliseconds that one reading may take; a metric that takes longer is left out. */
const COLLECT_TIMEOUT_MS = 5000;

/** Without scope labels: dashboards match on exact label sets. */
const serializer = new PrometheusSerializer('', false, undefined, false, true);

let reader: MetricReader | undefined;

export function setPrometheusReader(prometheus: MetricReader): void {
  reader = prometheus;
}

/** What /metrics answers. Throws before `startTelemetry`. */
export async function prometheusText(): Promise<string> {
  if (!reader) throw new Error('telemetry has not been started');
  const { resourceMetrics, errors } = await reader.collect({ timeoutMillis: COLLECT_TIMEOUT_MS });
  for (const error of errors) diag.error('metrics: a reading failed', error);
  return serializer.serialize(resourceMetrics);
}
