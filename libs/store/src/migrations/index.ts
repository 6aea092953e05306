import { FirstSchema1763900000001 } from './0001-first-schema.js';

/** In order. A released migration never changes. */
export const MIGRATIONS = [FirstSchema1763900000001];
