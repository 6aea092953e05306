import { FAULTS } from '../faults/index.js';
import { ACTS } from '../workload/acts/index.js';
import type { Plan } from './plan.js';

export const slice: Plan = {
  name: 'slice',
  what: 'Each fault that takes little time, once: two minutes, for CI.',
  storageHosts: 3,
  projects: 6,
  hands: 2,
  faults: FAULTS.filter(({ slice: taken }) => taken),
  acts: ACTS,
  convergenceSeconds: 60,
  async run(stage) {
    await stage.prepare();
    const raging = stage.newStorm({ lanes: 3, gap: [0.5, 1.5], rounds: 1, mostSeconds: 9 });
    raging.start();
    let calm = false;
    const working = stage.work(() => !calm);
    await raging.spent();
    calm = true;
    await stage.calm();
    await working;
  },
};
