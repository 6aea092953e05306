/** A volume as a driver sees it. */
export interface DriverVolume {
  /** The volume's UUID: for messages, never for paths. */
  id: string;
  /** Its name on storage, `volume-<uuid>`. Not always made of `id`: a migrated volume keeps its id, not its name. */
  name: string;
  sizeGib: number;
  pool: string;
}

/** A snapshot as a driver sees it. It stays in its volume's pool. */
export interface DriverSnapshot {
  id: string;
  /** Its name on storage, `snapshot-<uuid>`. */
  name: string;
  volumeId: string;
  /** The volume's name on storage. */
  volumeName: string;
  /** The volume's size when the snapshot was made. */
  sizeGib: number;
  pool: string;
}

/** What exports serve, and what image copies read and write. */
export interface LocalDevice {
  /** Absolute. */
  path: string;
  format: 'raw';
  kind: 'file' | 'block';
  /** Whether blocks that hold nothing may be given back; not where the volume owns all its space for good. */
  discard: boolean;
}

/** Something that really is on the storage. */
export interface InventoryItem {
  kind: 'volume' | 'snapshot' | 'unknown';
  /** The UUID in its name; unset when the name is not one of ours. */
  id?: string;
  name: string;
  /** Nominal size. */
  sizeGib: number;
  modifiedAt: Date;
  pool: string;
}
