import { FAULTS } from '../faults/index.js';
import { ACTS } from '../workload/acts/index.js';
import type { StormOptions } from '../storm.js';
import type { Plan } from './plan.js';

/** Every fault of the plan once, while tenants work; ends when all are through. */
const throughAll =
  (options: Pick<StormOptions, 'lanes' | 'gap' | 'mostSeconds'>): Plan['run'] =>
  async (stage) => {
    await stage.prepare();
    const raging = stage.newStorm({ ...options, rounds: 1 });
    raging.start();
    let calm = false;
    const working = stage.work(() => !calm);
    await raging.spent();
    calm = true;
    await stage.calm();
    await working;
  };

export const slice: Plan = {
  name: 'slice',
  what: 'Each fault that takes little time, once: two minutes, for CI.',
  storageHosts: 3,
  projects: 6,
  hands: 2,
  faults: FAULTS.filter(({ slice: taken }) => taken),
  acts: ACTS,
  leastAccepted: 5,
  convergenceSeconds: 60,
  run: throughAll({ lanes: 3, gap: [0.5, 1.5], mostSeconds: 9 }),
};

export const oneByOne: Plan = {
  name: 'one-by-one',
  what: 'Each fault once, alone: about ten minutes. Shows what each costs.',
  storageHosts: 3,
  projects: 6,
  hands: 2,
  faults: FAULTS,
  acts: ACTS,
  leastAccepted: 5,
  convergenceSeconds: 60,
  run: throughAll({ lanes: 1, gap: [6, 8] }),
};
