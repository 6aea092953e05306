import { setTimeout as delay } from 'node:timers/promises';
import { endTgtDaemon } from '@scoria/exports';
import { connectControl } from '../field/control.js';
import type { Field } from '../field/field.js';
import { serviceOf, type Fault } from './fault.js';

const onDisks: Pick<Fault, 'aims' | 'excuses' | 'hostOf' | 'needs'> = {
  excuses: true,
  needs: 'to mount XFS file systems: root, with loop devices',
  hostOf: (host) => host,
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
  what: "A backend's file system answers only with I/O errors, from the moment in which something was promised, until it is mounted anew.",
  seconds: [5, 20],
  slice: true,
  claims: (host, field) => [`disk of ${host}`, `tgtd of ${host}`, serviceOf(field, host)],
  async inflict(field, host) {
    const disk = field.disks.get(host)!;
    await promiseOn(field, host);
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

const PROMISE_LIMIT_MS = 5000;
const LOOK_EVERY_MS = 3;

/** Waits a while for the commit that says that a create, a snapshot or an extend is done: what was not synced is lost then. */
async function promiseOn(field: Field, host: string): Promise<void> {
  const client = await connectControl(field.state.databaseUrl).catch(() => undefined);
  if (!client) return;
  const count = async (): Promise<string> =>
    (
      await client.query<{ count: string }>(
        `select count(*) from operations where backend = $1 and state = 'succeeded'
            and kind in ('volume.create', 'snapshot.create', 'volume.extend')`,
        [`${host}@file`],
      )
    ).rows[0]!.count;
  try {
    const before = await count();
    const end = performance.now() + PROMISE_LIMIT_MS;
    while (performance.now() < end && (await count()) === before) await delay(LOOK_EVERY_MS);
  } catch {
    // The database is away: the disk breaks all the same.
  } finally {
    await client.end().catch(() => undefined);
  }
}
