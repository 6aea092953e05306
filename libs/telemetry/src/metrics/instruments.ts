import { metrics, type Counter, type Histogram, type Meter } from '@opentelemetry/api';
import {
  METRICS,
  type CounterName,
  type HistogramName,
  type LabelsOf,
  type MetricDefinition,
} from './catalogue.js';

/**
 * Instruments are made at their first use, so that a service shows only what it counts. They belong to the provider of
 * that moment: what is counted before `startTelemetry` goes nowhere, what comes after must not.
 */
const instruments = {
  provider: metrics.getMeterProvider(),
  counters: new Map<string, Counter>(),
  histograms: new Map<string, Histogram>(),
};

const meter = (): Meter => metrics.getMeter('scoria');

/** Adds to a counter, e.g. `count('scoria_operations_swept', { queue })`. */
export function count<N extends CounterName>(name: N, labels: LabelsOf<N>, by = 1): void {
  const { counters } = current();
  let counter = counters.get(name);
  if (!counter) {
    counter = meter().createCounter(name, { description: METRICS[name].help });
    counters.set(name, counter);
  }
  counter.add(by, labels);
}

/** Records a value, in the histogram's unit. */
export function record<N extends HistogramName>(name: N, value: number, labels: LabelsOf<N>): void {
  const { histograms } = current();
  let histogram = histograms.get(name);
  if (!histogram) {
    const { help, unit, buckets }: MetricDefinition = METRICS[name];
    histogram = meter().createHistogram(name, {
      description: help,
      unit,
      advice: buckets && { explicitBucketBoundaries: [...buckets] },
    });
    histograms.set(name, histogram);
  }
  histogram.record(value, labels);
}

function current(): typeof instruments {
  const provider = metrics.getMeterProvider();
  if (provider !== instruments.provider) {
    instruments.provider = provider;
    instruments.counters.clear();
    instruments.histograms.clear();
  }
  return instruments;
}
