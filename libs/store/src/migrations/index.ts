import { FirstSchema1763900000001 } from './0001-first-schema.js';
import { OperationHistory1763900000020 } from './0002-operation-history.js';

/** In order. A released migration never changes. */
export const MIGRATIONS = [FirstSchema1763900000001, OperationHistory1763900000020];
