import { HostDisk } from './host-disk.js';

/** Where a host's disk is made. */
export interface DiskPlan {
  host: string;
  /** The file that holds it. */
  image: string;
  /** Where it is mounted. */
  directory: string;
  reflink: boolean;
}

/** The disks of the hosts, or why this machine mounts none. */
export interface HostDisks {
  disks: ReadonlyMap<string, HostDisk>;
  refused?: string;
}

/** A file system for each host, or for none: whether one can be mounted shows only when it is tried, as root too. */
export async function makeDisks(plans: readonly DiskPlan[]): Promise<HostDisks> {
  const disks = new Map<string, HostDisk>();
  try {
    for (const { host, image, directory, reflink } of plans)
      disks.set(host, await HostDisk.make(image, directory, reflink));
    return { disks };
  } catch (error) {
    for (const disk of disks.values()) await disk.discard();
    return { disks: new Map(), refused: (error as Error).message };
  }
}
