import { FAULTS } from '../faults/index.js';
import { pause } from '../field/until.js';
import { ACTS } from '../workload/acts/index.js';
import type { Plan } from './plan.js';

export const storm: Plan = {
  name: 'storm',
  what: 'Every fault there is, up to three at a time, for as many minutes as asked.',
  storageHosts: 3,
  projects: 12,
  hands: 2,
  faults: FAULTS,
  acts: ACTS,
  leastAccepted: 5,
  convergenceSeconds: 90,
  async run(stage) {
    await stage.prepare();
    const raging = stage.newStorm({ lanes: 3, gap: [1, 6] });
    raging.start();
    let calm = false;
    const working = stage.work(() => !calm);
    // A lane that breaks ends the run at once.
    await Promise.race([pause(stage.options.minutes * 60_000), raging.spent()]);
    calm = true;
    await stage.calm();
    await working;
  },
};
