import type { Content } from './content.js';

/** What was promised of a snapshot. */
export interface ModelSnapshot {
  id: string;
  name: string;
  /** GiB. */
  size: number;
  /** Undefined when nobody can know: a write before it broke. */
  content: Content | undefined;
  /** Something about it has failed; it may only be removed. */
  wrecked: boolean;
}

/** What was promised of a volume. */
export interface ModelVolume {
  id: string;
  name: string;
  type: string;
  /** GiB. */
  size: number;
  metadata: Record<string, string>;
  content: Content | undefined;
  attachment: string | undefined;
  snapshots: ModelSnapshot[];
  /** Extends of it that were accepted, and for which there was no room then. */
  extendsRefused: number;
  /** Something about it has failed; it may only be removed. */
  wrecked: boolean;
  /** Somebody is at it. */
  busy: boolean;
}

/** One request that was accepted, and what became of it. */
export interface Accepted {
  /** The act of the workload that it was part of. */
  act: string;
  project: string;
  /** Of the operation that it has begun; undefined when it begins none. */
  operation: string | undefined;
  /** Type of the event that tells of it, where it begins no operation. */
  event?: string | undefined;
  resourceId: string;
  key: string;
  requestId: string;
  /** Milliseconds since the epoch. */
  at: number;
}

/** What one project was promised. */
export class Shelf {
  readonly volumes: ModelVolume[] = [];
  /** What images that were made of volumes hold, by their ids. */
  readonly uploads = new Map<string, Content>();

  /** Volumes that nobody is at. */
  free(fits: (volume: ModelVolume) => boolean = () => true): ModelVolume[] {
    return this.volumes.filter((volume) => !volume.busy && fits(volume));
  }

  put(volume: ModelVolume): void {
    this.volumes.push(volume);
  }

  remove(volume: ModelVolume): void {
    const at = this.volumes.indexOf(volume);
    if (at >= 0) this.volumes.splice(at, 1);
  }
}

/** Every request that was accepted, in order. */
export class Ledger {
  readonly accepted: Accepted[] = [];
  /** Requests that were answered otherwise when they came again under the same key. */
  readonly contradictions: string[] = [];

  note(entry: Accepted): void {
    this.accepted.push(entry);
  }

  /** How often each operation was begun for each resource, as `kind resource`; or how often each event must have come. */
  counts(of: 'operation' | 'event' = 'operation'): Map<string, number> {
    const counts = new Map<string, number>();
    for (const entry of this.accepted) {
      if (entry[of] === undefined) continue;
      const key = `${entry[of]} ${entry.resourceId}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return counts;
  }
}
