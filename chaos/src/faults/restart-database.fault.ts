import { endProcess } from '@scoria/scoria';
import type { Fault } from './fault.js';

/** PostgreSQL's own words for its ways to stop. */
const restartBy = (signal: NodeJS.Signals): Pick<Fault, 'aims' | 'excuses' | 'inflict'> => ({
  excuses: false,
  aims: () => ['postgres'],
  async inflict(field) {
    await endProcess(field.state.processes['postgres']!, signal);
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
