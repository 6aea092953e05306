import { FirstSchema1763900000001 } from './0001-first-schema.js';
import { Events1763900000030 } from './0003-events.js';

/** In order. A released migration never changes. */
export const MIGRATIONS = [FirstSchema1763900000001, Events1763900000030];
