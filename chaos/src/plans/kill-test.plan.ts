import { killBroker } from '../faults/broker.fault.js';
import { killService } from '../faults/kill-service.fault.js';
import { pause } from '../field/until.js';
import { ACTS } from '../workload/acts/index.js';
import type { Plan } from './plan.js';

const KILL_EVERY_MS = 1000;
/** A fast machine is through with its operations before much has been killed; then there are more of them. */
const LEAST_KILLS = 20;

export const killTest: Plan = {
  name: 'kill-test',
  what: 'Mixed operations while a random service is killed every second, and the broker once.',
  storageHosts: 2,
  projects: 12,
  hands: 1,
  faults: [killService, killBroker],
  fixed: true,
  acts: ACTS.filter(({ name }) => !name.startsWith('create, ')),
  leastAccepted: 5,
  convergenceSeconds: 60,
  async run(stage) {
    await stage.prepare({ tight: false });
    const { operations } = stage.options;
    const raging = stage.newStorm({ lanes: 0, gap: [0, 0] });
    let calm = false;
    const killing = (async () => {
      for (let broken = false; !calm;) {
        await pause(KILL_EVERY_MS);
        await raging.strike(killService, 0);
        if (!broken && stage.done.length > operations / 3) broken = await raging.strike(killBroker, 0);
      }
    })();
    let left = operations;
    const working = stage.work(() => {
      const more = left-- > 0 || raging.blows.length <= LEAST_KILLS;
      // All have been asked for: what is still under way shall come to rest.
      if (!more) calm = true;
      return more;
    });
    await killing;
    await stage.calm();
    await working;
  },
};
