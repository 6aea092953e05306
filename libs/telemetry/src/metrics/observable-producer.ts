import { ValueType, type HrTime } from '@opentelemetry/api';
import { hrTime } from '@opentelemetry/core';
import { emptyResource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  DataPointType,
  type MetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';
import { METRICS, type MetricDefinition, type ObservableName } from './catalogue.js';
import { count } from './instruments.js';
import { readers, type Sample } from './observables.js';

/** Milliseconds that one reading may take; beyond, its series are left out. */
const READ_TIMEOUT_MS = 4000;

/** Series of one metric at most; what is beyond is cut, so that no label can flood the collector. */
const MAX_SERIES = 20_000;

const processStart: HrTime = hrTime(0);

/**
 * Hands the registered readings to whoever collects. The SDK's own observable instruments would not do: they go on
 * reporting series that are no longer observed (a deleted volume, a removed pool), and fold all beyond 2,000 into one.
 */
export const observableProducer: MetricProducer = {
  async collect() {
    const now = hrTime();
    const metrics = await Promise.all([...readers.keys()].map((name) => metricData(name, now)));
    return {
      resourceMetrics: {
        resource: emptyResource(),
        scopeMetrics: [
          { scope: { name: 'scoria' }, metrics: metrics.filter((data) => data.dataPoints.length > 0) },
        ],
      },
      errors: [],
    };
  },
};

async function metricData(name: ObservableName, now: HrTime): Promise<MetricData> {
  const { kind, help, unit = '' }: MetricDefinition = METRICS[name];
  const samples = await Promise.all([...readers.get(name)!].map((read) => readInTime(name, read)));
  // Prometheus refuses everything when a series comes twice.
  const series = new Map(samples.flat().map((sample) => [JSON.stringify(sample.labels), sample]));
  const common = {
    descriptor: { name, description: help, unit, valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPoints: [...series.values()].slice(0, MAX_SERIES).map(({ value, labels }) => ({
      startTime: processStart,
      endTime: now,
      attributes: labels,
      value,
    })),
  };
  return kind === 'observedCounter'
    ? { ...common, dataPointType: DataPointType.SUM, isMonotonic: true }
    : { ...common, dataPointType: DataPointType.GAUGE };
}

async function readInTime(
  name: ObservableName,
  read: () => Promise<readonly Sample[]>,
): Promise<readonly Sample[]> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('too late')), READ_TIMEOUT_MS);
  try {
    return await Promise.race([read(), late]);
  } catch {
    count('scoria_metric_read_failures', { metric: name });
    return [];
  } finally {
    clearTimeout(timer);
  }
}
