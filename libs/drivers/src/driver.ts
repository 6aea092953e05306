import type { Checkpoints } from '@scoria/domain';
import type { DriverSnapshot, DriverVolume, InventoryItem, LocalDevice } from './driver-objects.js';
import type { DriverPoolStats } from './driver-pool-stats.js';

export interface StepOptions {
  /** Raised when the operation is cancelled or its lease is lost: stop, clean up what is unfinished, reject. */
  signal: AbortSignal;
  /** Told now and then, 0 to 100, by what takes long. */
  onProgress?: (percent: number) => void;
  /**
   * For what may take minutes: how far it has come, kept outside of this process, so that the same call after an
   * interruption goes on from there. What is saved must be on disk before. `last` may be stale (of a copy that was since
   * removed, of a source that was another): believe it only when what it says is there. What is kept on the storage for
   * it goes when the volume or snapshot of that name is deleted.
   */
  checkpoints?: Checkpoints;
}

/**
 * Makes and moves bytes on one backend. Every method may be called again after any of its calls was cut short at any
 * point, by a process killed in between too: creating what exists already, as asked, succeeds; so does deleting what
 * is absent; nothing unfinished ever has a final name. A volume that exists otherwise than asked is a Fault of kind
 * `conflict`; a missing source one of kind `notFound`; storage that is full one of kind `unavailable`, so that placement
 * tries another pool.
 */
export interface Driver {
  /** Short and unique, e.g. `file`. */
  readonly name: string;
  readonly version: string;
  readonly vendorName: string;
  /** Whether `inventory()` tells what is on the storage. Without it nothing can be reconciled. */
  readonly hasInventory: boolean;

  /**
   * Called before anything else, and again after it failed. Makes what is missing, waits until no other process serves
   * the same storage, and removes what killed predecessors left running or unfinished.
   *
   * @throws ConfigError for a configuration that no retry mends: it ends the whole service of the host. Anything else,
   * such as storage that does not answer or a file system that is not mounted, is tried again while other backends work.
   */
  setup(): Promise<void>;
  /**
   * Gives the storage up to another process, for good. Called when nothing runs any more, or to end a waiting `setup()`,
   * which has ended and touches nothing any more when this resolves.
   */
  close(): Promise<void>;

  pools(): Promise<DriverPoolStats[]>;
  /** Everything on the storage, what Scoria did not make included. Nothing is changed. */
  inventory(): Promise<InventoryItem[]>;
  /** Where the bytes of a volume are on this machine; undefined when it has none. */
  device(volume: DriverVolume): Promise<LocalDevice | undefined>;

  /** Makes a volume that reads as zeros. */
  createVolume(volume: DriverVolume, options: StepOptions): Promise<void>;
  /** Copies a snapshot; the volume may be larger, and then ends in zeros. */
  createVolumeFromSnapshot(
    volume: DriverVolume,
    snapshot: DriverSnapshot,
    options: StepOptions,
  ): Promise<void>;
  /**
   * Copies a volume; the copy may be larger, and then ends in zeros. The volume may be in use: where blocks cannot be
   * shared, the copy then holds some of what is written meanwhile, and is the volume at no one moment.
   */
  cloneVolume(volume: DriverVolume, source: DriverVolume, options: StepOptions): Promise<void>;
  /** Grows a volume, in use or not. Already that large: succeeds. Larger: refuses, for nothing ever shrinks. */
  extendVolume(volume: DriverVolume, newSizeGib: number, options: StepOptions): Promise<void>;
  deleteVolume(volume: DriverVolume, options: StepOptions): Promise<void>;

  /** As `cloneVolume` does of a volume in use. */
  createSnapshot(snapshot: DriverSnapshot, options: StepOptions): Promise<void>;
  deleteSnapshot(snapshot: DriverSnapshot, options: StepOptions): Promise<void>;
}
