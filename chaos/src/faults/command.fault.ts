import { SHIMMED, type ShimMode, type Shimmed } from '../field/shims.js';
import type { Fault } from './fault.js';

/** `cp of host1`. */
const aims: Fault['aims'] = (field) =>
  [...field.shims.keys()].flatMap((host) => SHIMMED.map((program) => `${program} of ${host}`));

/** The program that a fault of commands strikes; undefined for other faults. */
export const programOf = ({ fault, aim }: { fault: Pick<Fault, 'name'>; aim: string }): string | undefined =>
  COMMAND_FAULTS.includes(fault.name) ? aim.split(' of ')[0] : undefined;

const COMMAND_FAULTS = ['hang-command', 'fail-command', 'kill-command', 'kill-command-after'];

const commandsThat = (
  mode: ShimMode,
  excuses: boolean,
): Pick<Fault, 'aims' | 'excuses' | 'hostOf' | 'inflict'> => ({
  excuses,
  aims,
  hostOf: (aim) => aim.split(' of ')[1],
  async inflict(field, aim) {
    const [program, host] = aim.split(' of ') as [Shimmed, string];
    const shims = field.shims.get(host)!;
    await shims.order(program, mode);
    return () => shims.release(program);
  },
});

export const hangCommand: Fault = {
  ...commandsThat('hang', true),
  name: 'hang-command',
  what: 'A command of a storage host (cp, sync, qemu-img, tgtadm) hangs, and goes on at last.',
  seconds: [3, 20],
  slice: true,
};

export const failCommand: Fault = {
  ...commandsThat('fail', true),
  name: 'fail-command',
  what: 'Such a command ends with exit code 1 and has done nothing.',
  seconds: [2, 10],
  slice: true,
};

export const killCommand: Fault = {
  ...commandsThat('die', true),
  name: 'kill-command',
  what: 'Such a command is killed before it has done anything.',
  seconds: [2, 10],
  slice: true,
};

export const killCommandAfter: Fault = {
  ...commandsThat('die-after', true),
  name: 'kill-command-after',
  what: 'Such a command is killed after it has done everything, so that nobody learns of it.',
  seconds: [2, 10],
  slice: true,
};
