import { CommandRunner } from '@scoria/commands';
import type { BackendConfig } from '@scoria/config';
import {
  Fault,
  backendName,
  parseBackendAddress,
  snapshotName,
  volumeName,
  volumeQueue,
} from '@scoria/domain';
import type { Driver, DriverSnapshot, DriverVolume } from '@scoria/drivers';
import type { ExportProtocol } from '@scoria/exports';
import type { SnapshotRow, VolumeRow } from '@scoria/store';

/** One `host@backend`: a driver that makes bytes and an export that makes them reachable. */
export class Backend {
  /** `host@backend`. */
  readonly address: string;
  readonly queue: string;
  /** Runs what moves images into and out of the devices, marked as this backend's. */
  readonly imageCommands: CommandRunner;

  constructor(
    host: string,
    readonly config: BackendConfig,
    readonly driver: Driver,
    readonly exports: ExportProtocol,
  ) {
    this.address = backendName({ host, backend: config.name });
    this.queue = volumeQueue(this.address);
    this.imageCommands = new CommandRunner({ owner: `${this.address} images` });
  }

  volume(row: VolumeRow): DriverVolume {
    return { id: row.id, name: volumeName(row.id), sizeGib: row.size, pool: poolOf(row.pool) };
  }

  snapshot(row: SnapshotRow): DriverSnapshot {
    return {
      id: row.id,
      name: snapshotName(row.id),
      volumeId: row.volumeId,
      volumeName: volumeName(row.volumeId),
      sizeGib: row.volumeSize,
      pool: poolOf(row.pool),
    };
  }
}

/** The backends that this process serves, by address. */
export class Backends {
  private readonly byAddress: ReadonlyMap<string, Backend>;

  constructor(backends: readonly Backend[]) {
    this.byAddress = new Map(backends.map((backend) => [backend.address, backend]));
  }

  get all(): Backend[] {
    return [...this.byAddress.values()];
  }

  /** The backend that an operation was sent to. */
  of(operation: { backend: string | null }): Backend {
    const backend = this.byAddress.get(operation.backend ?? '');
    if (!backend)
      throw new Fault('internal', 'The backend is not served here.', { cause: operation.backend });
    return backend;
  }
}

function poolOf(address: string | null): string {
  const pool = address === null ? undefined : parseBackendAddress(address)?.pool;
  if (pool === undefined) throw new Fault('internal', 'The volume has no place yet.', { cause: address });
  return pool;
}
