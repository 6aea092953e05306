import { isAlive } from '@scoria/scoria';
import { hostOfService, type Fault } from './fault.js';

/** A process that stands still, and does not know of it afterwards: a paused VM, a machine that swaps. */
const pausing: Pick<Fault, 'aims' | 'excuses' | 'hostOf' | 'inflict'> = {
  excuses: false,
  aims: (field) => field.services.map(({ name }) => name),
  hostOf: hostOfService,
  async inflict(field, name) {
    const pid = field.pid(name);
    process.kill(pid, 'SIGSTOP');
    return async () => {
      if (isAlive(pid)) process.kill(pid, 'SIGCONT');
    };
  },
};

export const pauseShort: Fault = {
  ...pausing,
  name: 'pause-short',
  what: 'A service stands still (SIGSTOP) for less than its lease.',
  seconds: [1, 3],
  slice: true,
};

export const pauseLong: Fault = {
  ...pausing,
  name: 'pause-long',
  what: 'A service stands still (SIGSTOP) until others have taken its work, and then goes on.',
  seconds: [8, 14],
  slice: true,
};
