import { clockOfDatabase, clockOfService, untilFast } from '../field/read-clock.js';
import { hostOfService, type Fault } from './fault.js';

/** Seconds. A host's clock may be anything: nothing is decided by it. */
const HOST_JUMPS = [-86_400, -3600, -7, 7, 3600, 86_400];
/** Leases and deadlines are decided by the database's, which NTP steps and failovers move by seconds. */
const DATABASE_JUMPS = [-20, -8, 8, 20];
const NEEDS = 'libfaketime (Debian package faketime)';
/** Milliseconds by which the database's clock may be off, either way. */
export const MOST_OFF_MS = 1000 * Math.max(...DATABASE_JUMPS.map(Math.abs));

export const jumpClock: Fault = {
  name: 'jump-clock',
  what: "A service's wall clock jumps by seconds, an hour or a day, either way, and back.",
  seconds: [4, 20],
  slice: true,
  excuses: false,
  needs: NEEDS,
  aims: (field) => [...field.clocks.keys()].filter((name) => name !== 'postgres'),
  hostOf: hostOfService,
  claims: (name) => [`clock of ${name}`],
  async inflict(field, name, { chance }) {
    const clock = field.clocks.get(name)!;
    const seconds = chance.pick(HOST_JUMPS);
    await clock.jump(seconds);
    await untilFast(seconds, clockOfService(field.state.processes[name]!.url));
    return () => clock.jump(0);
  },
};

export const jumpDatabaseClock: Fault = {
  name: 'jump-database-clock',
  what: "PostgreSQL's clock jumps by 8 or 20 seconds, either way, and back.",
  seconds: [4, 15],
  slice: false,
  excuses: false,
  needs: NEEDS,
  aims: (field) => (field.clocks.has('postgres') ? ['postgres'] : []),
  claims: () => ['clock of postgres'],
  async inflict(field, name, { chance }) {
    const clock = field.clocks.get(name)!;
    const seconds = chance.pick(DATABASE_JUMPS);
    await clock.jump(seconds);
    await untilFast(seconds, clockOfDatabase(field.state.databaseUrl));
    return () => clock.jump(0);
  },
};
