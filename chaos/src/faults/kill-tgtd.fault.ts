import { endTgtDaemon } from '@scoria/exports';
import type { Fault } from './fault.js';

export const killTgtd: Fault = {
  name: 'kill-tgtd',
  what: 'The iSCSI daemon of a host is killed, with every export.',
  seconds: [0, 0],
  slice: true,
  excuses: false,
  aims: (field) => field.storageHosts.map(({ host }) => host),
  hostOf: (host) => host,
  claims: (host) => [`tgtd of ${host}`],
  async inflict(field, host) {
    await endTgtDaemon(field.iscsiDir(host));
    return async () => undefined;
  },
};
