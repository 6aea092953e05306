import { isAlive } from '@scoria/scoria';
import { until } from '../field/until.js';
import type { Fault } from './fault.js';

const STOP_LIMIT_MS = 60_000;

/** PostgreSQL's own words for its ways to stop. */
const restartBy = (signal: NodeJS.Signals): Pick<Fault, 'aims' | 'excuses' | 'inflict'> => ({
  excuses: false,
  aims: () => ['postgres'],
  async inflict(field) {
    const { pid, holder } = field.state.processes['postgres']!;
    process.kill(pid, signal);
    // Its holder, too: the next one would find this one's claim on the data.
    const gone = (): boolean => !isAlive(pid) && (holder === undefined || !isAlive(holder));
    await until('PostgreSQL to end', STOP_LIMIT_MS, async () => gone());
    return () => field.startServer('postgres');
  },
});

export const restartDatabase: Fault = {
  ...restartBy('SIGINT'),
  name: 'restart-database',
  what: 'PostgreSQL is shut down ("fast": sessions are ended) and started again.',
  seconds: [0, 8],
  slice: true,
};

export const crashDatabase: Fault = {
  ...restartBy('SIGQUIT'),
  name: 'crash-database',
  what: 'PostgreSQL goes down at once ("immediate"), and recovers from its log.',
  seconds: [0, 8],
  slice: false,
};
