import { wipeBroker } from '../faults/broker.fault.js';
import { exhaustDatabase } from '../faults/exhaust-database.fault.js';
import type { Fault } from '../faults/index.js';
import { askForNull } from '../workload/acts/creates.js';
import type { Stage } from '../stage.js';
import { endingOf } from '../workload/do-something.js';
import type { Plan } from './plan.js';

const CREATES = 1000;
const SECONDS = 25;

const burst = (name: string, what: string, fault: Fault): Plan => ({
  name,
  what,
  storageHosts: 3,
  projects: 10,
  hands: 1,
  faults: [fault],
  fixed: true,
  acts: [],
  leastAccepted: 50,
  convergenceSeconds: 120,
  async run(stage) {
    await stage.prepare({ tight: false });
    const storm = stage.newStorm({ lanes: 0, gap: [0, 0] });
    const breaking = storm.strike(fault, SECONDS);
    await Promise.all(Array.from({ length: CREATES }, (_, index) => createOne(stage, index)));
    await breaking;
    await stage.calm();
  },
});

/** Accepted is enough: what becomes of it is looked at when all has come to rest. */
async function createOne(stage: Stage, index: number): Promise<void> {
  const tenant = stage.tenants[index % stage.tenants.length]!;
  const [began, at] = [performance.now(), Date.now()];
  const [outcome, detail] = await endingOf(async () => {
    const volume = await askForNull(tenant, 'create null');
    Object.assign(volume, { busy: false, wrecked: false });
    tenant.shelf.put(volume);
    return ['accepted', volume.id];
  });
  const seconds = (performance.now() - began) / 1000;
  stage.done.push({ act: 'create null', project: tenant.project, outcome, detail, at, seconds });
}

export const burstDatabase = burst(
  'burst-database',
  '1,000 creates at once while PostgreSQL refuses connections for 25 seconds.',
  exhaustDatabase,
);
export const burstBroker = burst(
  'burst-broker',
  '1,000 creates at once while RabbitMQ is away for 25 seconds, and comes back with nothing.',
  wipeBroker,
);
