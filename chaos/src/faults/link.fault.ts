import type { LinkState } from '../field/tcp-proxy.js';
import { hostOfService, type Fault } from './fault.js';

const aims: Fault['aims'] = (field) => field.links.names;

const linkThat = (state: LinkState): Pick<Fault, 'aims' | 'excuses' | 'hostOf' | 'inflict'> => ({
  excuses: false,
  aims,
  hostOf: hostOfService,
  async inflict(field, name) {
    const link = field.links.get(name);
    link.become(state);
    return async () => link.become('pass');
  },
});

export const cutLink: Fault = {
  ...linkThat('cut'),
  name: 'cut-link',
  what: 'The way from a service to a server, or from the clients to a gateway, is cut: connections are reset.',
  seconds: [1, 15],
  slice: true,
};

export const vanishLink: Fault = {
  ...linkThat('vanish'),
  name: 'vanish-link',
  what: 'Bytes on such a way vanish without a reset; connections are reset only when the way is there again.',
  seconds: [3, 45],
  slice: true,
};

export const slowLink: Fault = {
  name: 'slow-link',
  what: 'Such a way is slow: 50 to 800 ms, each way.',
  seconds: [5, 20],
  slice: true,
  excuses: false,
  aims,
  hostOf: hostOfService,
  async inflict(field, name, { chance }) {
    const link = field.links.get(name);
    link.slowDown(chance.between(50, 800));
    return async () => link.slowDown(0);
  },
};
