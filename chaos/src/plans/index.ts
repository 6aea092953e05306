import { burstBroker, burstDatabase } from './burst.plan.js';
import { killTest } from './kill-test.plan.js';
import type { Plan } from './plan.js';
import { oneByOne, slice } from './through-all.plan.js';
import { storm } from './storm.plan.js';

export type { Plan } from './plan.js';

export const PLANS: readonly Plan[] = [storm, slice, oneByOne, killTest, burstDatabase, burstBroker];

/** @throws Error that names those there are */
export function planNamed(name: string): Plan {
  const plan = PLANS.find((candidate) => candidate.name === name);
  if (!plan)
    throw new Error(`there is no plan ${name}; name one of ${PLANS.map((each) => each.name).join(', ')}`);
  return plan;
}
