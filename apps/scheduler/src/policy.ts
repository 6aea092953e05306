import type { SchedulerConfig } from '@scoria/config';
import { ALWAYS, FILTERS } from './filters/index.js';
import type { Filter } from './filters/filter.js';
import { WEIGHERS } from './weighers/index.js';
import type { Weigher } from './weighers/weigher.js';

/** How pools are chosen. */
export interface PlacementPolicy {
  filters: readonly Filter[];
  weighers: readonly { weigher: Weigher; multiplier: number }[];
}

/** The policy that the configuration names. Throws when it names what does not exist. */
export function placementPolicy(config: Pick<SchedulerConfig, 'filters' | 'weighers'>): PlacementPolicy {
  return {
    filters: [...new Set([...ALWAYS, ...config.filters.map((name) => find('filter', FILTERS, name))])],
    weighers: config.weighers.map(({ name, multiplier }) => ({
      weigher: find('weigher', WEIGHERS, name),
      multiplier,
    })),
  };
}

function find<T>(what: string, table: ReadonlyMap<string, T>, name: string): T {
  const found = table.get(name);
  if (found === undefined)
    throw new Error(`there is no ${what} ${name}; there are ${[...table.keys()].join(', ')}`);
  return found;
}
