import type { ObservableResult } from '@opentelemetry/api';
import { METRICS, type LabelsOf, type MetricDefinition, type ObservableName } from './catalogue.js';
import { count, meter } from './instruments.js';

/** One series of a metric at one moment. */
export interface Sample<N extends ObservableName> {
  value: number;
  labels: LabelsOf<N>;
}

/** Milliseconds for which a reading is good: however often /metrics is asked, the database is not. */
const FRESH_MS = 5000;

/** Series of one metric at most; a reading beyond is cut, so that no label can flood the collector. */
const MAX_SERIES = 20_000;

/**
 * Has a metric read by `read` whenever metrics are collected, at most every five seconds. A failed reading leaves the
 * series out and counts in `scoria_metric_read_failures`. Call after `startTelemetry`; returns a function that ends it.
 */
export function registerObservable<N extends ObservableName>(
  name: N,
  read: () => readonly Sample<N>[] | Promise<readonly Sample<N>[]>,
): () => void {
  const { kind, help, unit }: MetricDefinition = METRICS[name];
  const options = { description: help, unit };
  const instrument =
    kind === 'observedCounter'
      ? meter().createObservableCounter(name, options)
      : meter().createObservableGauge(name, options);
  const fresh = cached(async () => read());
  const observe = async (result: ObservableResult) => {
    try {
      for (const { value, labels } of (await fresh()).slice(0, MAX_SERIES)) result.observe(value, labels);
    } catch {
      count('scoria_metric_read_failures', { metric: name });
    }
  };
  instrument.addCallback(observe);
  return () => instrument.removeCallback(observe);
}

/**
 * `read` at most once in `forMs` milliseconds, and never twice at once. Several metrics can share one statement by
 * reading from one `cached` function. A failure is not kept.
 */
export function cached<T>(read: () => Promise<T>, forMs = FRESH_MS): () => Promise<T> {
  let reading: Promise<T> | undefined;
  let goodUntil = 0;
  return () => {
    if (reading && performance.now() < goodUntil) return reading;
    goodUntil = Infinity;
    reading = read();
    reading.then(
      () => (goodUntil = performance.now() + forMs),
      () => (reading = undefined),
    );
    return reading;
  };
}
