import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { driverConformance } from '../conformance/index.js';

driverConformance(
  'null',
  async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'scoria-state-'));
    return {
      driver: 'null',
      options: {},
      stateDir,
      exclusive: true,
      dispose: () => rm(stateDir, { recursive: true }),
    };
  },
  { storesNothing: true },
);
