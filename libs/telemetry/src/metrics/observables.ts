import { cached } from './cached.js';
import type { LabelsOf, ObservableName } from './catalogue.js';

/** One series of a metric at one moment. */
export interface Sample<N extends ObservableName = ObservableName> {
  value: number;
  labels: LabelsOf<N>;
}

/** The functions that metrics are read from; read by `observableProducer`. */
export const readers = new Map<ObservableName, Set<() => Promise<readonly Sample[]>>>();

/**
 * Has a metric read by `read` whenever metrics are collected, at most every five seconds. Several may read one metric,
 * each giving other labels. Series that a reading leaves out are gone. A failed reading leaves out its series and counts
 * in `scoria_metric_read_failures`. Returns a function that ends it.
 */
export function registerObservable<N extends ObservableName>(
  name: N,
  read: () => readonly Sample<N>[] | Promise<readonly Sample<N>[]>,
): () => void {
  const fresh = cached(async () => read()) as () => Promise<readonly Sample[]>;
  const ofName = readers.get(name) ?? new Set();
  readers.set(name, ofName.add(fresh));
  return () => void ofName.delete(fresh);
}
