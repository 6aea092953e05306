import { endTgtDaemon } from '@scoria/exports';
import { serviceOf, type Fault } from './fault.js';

const onDisks: Pick<Fault, 'aims' | 'excuses'> = {
  excuses: true,
  aims: (field) => [...field.disks.keys()],
};

export const fillDisk: Fault = {
  ...onDisks,
  name: 'fill-disk',
  what: "A backend's file system is full.",
  seconds: [5, 20],
  slice: true,
  claims: (host) => [`disk of ${host}`],
  async inflict(field, host) {
    const disk = field.disks.get(host)!;
    await disk.fill();
    return () => disk.makeRoom();
  },
};

export const breakDisk: Fault = {
  ...onDisks,
  name: 'break-disk',
  what: "A backend's file system answers only with I/O errors, until the host is repaired: mounted and started anew.",
  seconds: [5, 20],
  slice: true,
  claims: (host, field) => [`disk of ${host}`, `tgtd of ${host}`, serviceOf(field, host)],
  async inflict(field, host) {
    const disk = field.disks.get(host)!;
    await disk.breakDown();
    return async () => {
      const service = serviceOf(field, host);
      await field.kill(service);
      await endTgtDaemon(field.iscsiDir(host));
      await disk.unmount();
      await disk.mount();
      await field.launch(service);
    };
  },
};
