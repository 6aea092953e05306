import { killBroker, wipeBroker } from './broker.fault.js';
import { jumpClock, jumpDatabaseClock } from './clock.fault.js';
import { failCommand, hangCommand, killCommand, killCommandAfter } from './command.fault.js';
import { breakDisk, fillDisk } from './disk.fault.js';
import { doubleDoorbells, loseDoorbells } from './doorbells.fault.js';
import { exhaustDatabase } from './exhaust-database.fault.js';
import type { Fault } from './fault.js';
import { killService } from './kill-service.fault.js';
import { killTgtd } from './kill-tgtd.fault.js';
import { cutLink, slowLink, vanishLink } from './link.fault.js';
import { pauseLong, pauseShort } from './pause-service.fault.js';
import { readOnlyDatabase } from './read-only-database.fault.js';
import { crashDatabase, restartDatabase } from './restart-database.fault.js';
import { rollingRestart } from './rolling-restart.fault.js';

export type { Fault, Heal, Strike } from './fault.js';

/** Everything that can go wrong. */
export const FAULTS: readonly Fault[] = [
  killService,
  pauseShort,
  pauseLong,
  rollingRestart,
  killBroker,
  wipeBroker,
  doubleDoorbells,
  loseDoorbells,
  restartDatabase,
  crashDatabase,
  exhaustDatabase,
  readOnlyDatabase,
  jumpDatabaseClock,
  jumpClock,
  cutLink,
  vanishLink,
  slowLink,
  killTgtd,
  fillDisk,
  breakDisk,
  hangCommand,
  failCommand,
  killCommand,
  killCommandAfter,
];

/** @throws Error that names those there are */
export function faultNamed(name: string): Fault {
  const fault = FAULTS.find((candidate) => candidate.name === name);
  if (!fault)
    throw new Error(`there is no fault ${name}; name some of ${FAULTS.map((each) => each.name).join(', ')}`);
  return fault;
}
