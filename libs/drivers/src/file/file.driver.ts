import { Fault } from '@scoria/domain';
import type { DriverContext } from '../driver-factory.js';
import type { DriverSnapshot, DriverVolume, InventoryItem, LocalDevice } from '../driver-objects.js';
import type { DriverPoolStats } from '../driver-pool-stats.js';
import type { Driver, StepOptions } from '../driver.js';
import { GIB } from '../gib.js';
import { readOptions } from '../read-options.js';
import { openDraft, type Draft } from './draft.js';
import { checkName } from './file-names.js';
import { FileOptions } from './file-options.js';
import { FileStorage, type ServedPool } from './file-storage.js';
import { measurePool } from './pool-stats.js';
import { writing } from './storage-full.js';

/**
 * Volumes as sparse files in a directory. Snapshots and clones share blocks where the file system can (XFS, Btrfs), and
 * are copies elsewhere: of a volume that is written meanwhile they are that volume at no one moment. Discards free space,
 * since what exports the files punches holes, unless all of it was taken when they were made.
 */
export class FileDriver implements Driver {
  readonly name = 'file';
  readonly version = '1.0.0';
  readonly vendorName = 'Scoria';
  readonly hasInventory = true;

  private readonly storage: FileStorage;

  constructor(context: DriverContext) {
    this.storage = new FileStorage(context, readOptions(FileOptions, context));
  }

  setup(): Promise<void> {
    return this.storage.open();
  }

  close(): Promise<void> {
    return this.storage.close();
  }

  async pools(): Promise<DriverPoolStats[]> {
    return Promise.all(this.storage.pools().map(({ pool, mode }) => measurePool(pool, mode)));
  }

  async inventory(): Promise<InventoryItem[]> {
    return (await Promise.all(this.storage.pools().map(({ pool }) => pool.inventory()))).flat();
  }

  async device(volume: DriverVolume): Promise<LocalDevice> {
    const { pool, mode } = this.storage.pool(volume.pool);
    const name = checkName(volume.name, 'volume');
    await existingSize({ pool }, name, 'volume');
    return { path: pool.path(name), format: 'raw', kind: 'file', discard: !mode.preallocate };
  }

  async createVolume(volume: DriverVolume, options: StepOptions): Promise<void> {
    const served = this.storage.pool(volume.pool);
    const bytes = volume.sizeGib * GIB;
    await create(served, checkName(volume.name, 'volume'), bytes, options, (path) =>
      served.content.empty(path, bytes, options),
    );
  }

  createVolumeFromSnapshot(
    volume: DriverVolume,
    snapshot: DriverSnapshot,
    options: StepOptions,
  ): Promise<void> {
    return this.copy(volume, 'volume', snapshot.pool, checkName(snapshot.name, 'snapshot'), options);
  }

  cloneVolume(volume: DriverVolume, source: DriverVolume, options: StepOptions): Promise<void> {
    return this.copy(volume, 'volume', source.pool, checkName(source.name, 'volume'), options);
  }

  createSnapshot(snapshot: DriverSnapshot, options: StepOptions): Promise<void> {
    return this.copy(snapshot, 'snapshot', snapshot.pool, checkName(snapshot.volumeName, 'volume'), options);
  }

  async extendVolume(volume: DriverVolume, newSizeGib: number, options: StepOptions): Promise<void> {
    const served = this.storage.pool(volume.pool);
    const name = checkName(volume.name, 'volume');
    const bytes = newSizeGib * GIB;
    options.signal.throwIfAborted();
    if ((await existingSize(served, name, 'volume')) > bytes) {
      throw new Fault('conflict', `The volume is larger than ${newSizeGib} GiB, and volumes never shrink.`);
    }
    await writing(() => served.content.grow(served.pool.path(name), bytes, options));
  }

  async deleteVolume(volume: DriverVolume): Promise<void> {
    await this.storage.pool(volume.pool).pool.remove(checkName(volume.name, 'volume'));
  }

  async deleteSnapshot(snapshot: DriverSnapshot): Promise<void> {
    await this.storage.pool(snapshot.pool).pool.remove(checkName(snapshot.name, 'snapshot'));
  }

  /** Makes `target` of a file of the same backend. Across pools, and so file systems, blocks cannot be shared. */
  private async copy(
    target: DriverVolume | DriverSnapshot,
    kind: 'volume' | 'snapshot',
    sourcePool: string,
    sourceName: string,
    options: StepOptions,
  ): Promise<void> {
    const served = this.storage.pool(target.pool);
    const source = this.storage.pool(sourcePool).pool;
    const bytes = target.sizeGib * GIB;
    const name = checkName(target.name, kind);
    const sameFileSystem = source === served.pool;
    const { checkpoints } = options;
    const draft =
      checkpoints && !served.content.shares(sameFileSystem)
        ? await openDraft(served.pool, { name, sourceName, bytes }, checkpoints)
        : undefined;
    const build = async (path: string): Promise<void> => {
      const sourceBytes = await existingSize({ pool: source }, sourceName, 'source');
      if (sourceBytes > bytes) {
        throw new Fault('badRequest', `The source is larger than ${target.sizeGib} GiB.`);
      }
      await served.content.copy(source.path(sourceName), path, bytes, options, { sameFileSystem, draft });
    };
    await create(served, name, bytes, options, build, draft);
  }
}

/** Makes a file, or finds it made already as asked. */
async function create(
  { pool }: ServedPool,
  name: string,
  bytes: number,
  { signal }: StepOptions,
  build: (path: string) => Promise<void>,
  draft?: Draft,
): Promise<void> {
  signal.throwIfAborted();
  const existing = await pool.size(name);
  const made = existing === undefined && (await writing(() => pool.publish(name, build, draft)));
  if (made) return;
  if ((existing ?? (await pool.size(name))) !== bytes) {
    throw new Fault('conflict', `${name} exists already with another size.`);
  }
  // Who made it may have died before its name was on disk, and the other one gone.
  await pool.removeDrafts(name);
  await pool.sync();
}

async function existingSize({ pool }: Pick<ServedPool, 'pool'>, name: string, what: string): Promise<number> {
  const bytes = await pool.size(name);
  if (bytes === undefined) throw new Fault('notFound', `The ${what} ${name} is not on the storage.`);
  return bytes;
}
