import { FirstSchema1763900000001 } from './0001-first-schema.js';
import { OperationHistory1763900000020 } from './0002-operation-history.js';
import { Events1763900000030 } from './0003-events.js';
import { FairClaims1763900000040 } from './0004-fair-claims.js';
import { Checkpoints1763900000050 } from './0005-checkpoints.js';
import { SnapshotsByType1763900000060 } from './0006-snapshots-by-type.js';
import { RequestIds1763900000070 } from './0007-request-ids.js';

/** In order. A released migration never changes. */
export const MIGRATIONS = [
  FirstSchema1763900000001,
  OperationHistory1763900000020,
  Events1763900000030,
  FairClaims1763900000040,
  Checkpoints1763900000050,
  SnapshotsByType1763900000060,
  RequestIds1763900000070,
];
