import { hostOfService, type Fault } from './fault.js';

export const killService: Fault = {
  name: 'kill-service',
  what: 'A service is killed (SIGKILL) and started again a little later.',
  seconds: [0, 4],
  slice: true,
  excuses: false,
  aims: (field) => field.services.map(({ name }) => name),
  hostOf: hostOfService,
  async inflict(field, name) {
    await field.kill(name);
    return () => field.launch(name);
  },
};
