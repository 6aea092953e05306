import type { ResourceView } from '@scoria/store';
import { declareGate } from '../microversion/gates.js';

/** Puts the gates of a view's fields, filters and sort keys into the list of all gates. */
export function declareViewGates(view: ResourceView): void {
  const parts = [
    ...view.fields.map(({ key, since }) => ({ what: `field ${key}`, since })),
    ...Object.entries(view.filters).map(([key, { since }]) => ({ what: `filter ${key}`, since })),
    ...Object.entries(view.sortKeys).map(([key, { since }]) => ({ what: `sort key ${key}`, since })),
  ];
  for (const { what, since } of parts) {
    if (since !== undefined) declareGate(`3.${since}`, `${view.name}: ${what}`);
  }
}
