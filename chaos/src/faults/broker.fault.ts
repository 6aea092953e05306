import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { killProcess } from '@scoria/scoria';
import type { Field } from '../field/field.js';
import type { Fault } from './fault.js';

const broker = { excuses: false, aims: () => ['rabbit'] } as const;

const killBrokerOf = (field: Field): Promise<void> => killProcess(field.state.processes['rabbit']!);

export const killBroker: Fault = {
  ...broker,
  name: 'kill-broker',
  what: 'RabbitMQ is killed (SIGKILL) and started again on what it had stored.',
  seconds: [0, 6],
  slice: true,
  async inflict(field) {
    await killBrokerOf(field);
    return () => field.startServer('rabbit');
  },
};

export const wipeBroker: Fault = {
  ...broker,
  name: 'wipe-broker',
  what: 'RabbitMQ loses everything that it had: queues, bindings, messages.',
  seconds: [0, 6],
  slice: false,
  async inflict(field) {
    await killBrokerOf(field);
    await rm(join(field.dataDir, 'rabbit', 'mnesia'), { recursive: true, force: true });
    return () => field.startServer('rabbit');
  },
};
