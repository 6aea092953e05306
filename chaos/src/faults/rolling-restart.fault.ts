import type { Fault } from './fault.js';

export const rollingRestart: Fault = {
  name: 'rolling-restart',
  what: 'Every service is stopped (SIGTERM) and started again, one after the other.',
  seconds: [0, 0],
  slice: true,
  excuses: false,
  aims: () => ['all services'],
  claims: (_, field) => field.services.map(({ name }) => name),
  async inflict(field) {
    for (const { name } of field.services) {
      await field.terminate(name);
      await field.launch(name);
    }
    return async () => undefined;
  },
};
