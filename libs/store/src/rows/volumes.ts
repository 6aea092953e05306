import type { Database, Tx } from '../database.js';
import { inPages } from './in-pages.js';

/** What a volume service needs to know of a volume. */
export interface VolumeRow {
  id: string;
  projectId: string;
  /** GiB. */
  size: number;
  /** `host@backend#pool`, or null while unplaced. */
  pool: string | null;
}

export interface SnapshotRow {
  id: string;
  volumeId: string;
  /** GiB. */
  volumeSize: number;
  /** Its volume's pool. */
  pool: string | null;
}

export async function findVolume(database: Database, id: string): Promise<VolumeRow | undefined> {
  const [row] = await database.query<VolumeRow>(
    'select id, project_id as "projectId", size, pool from volumes where id = $1',
    [id],
  );
  return row;
}

export async function findSnapshot(database: Database, id: string): Promise<SnapshotRow | undefined> {
  const [row] = await database.query<SnapshotRow>(`${SNAPSHOTS} where s.id = $1`, [id]);
  return row;
}

/** The snapshots that a cascading delete takes with it. */
export function snapshotsOfOperation(database: Database, operationId: string): Promise<SnapshotRow[]> {
  return database.query<SnapshotRow>(`${SNAPSHOTS} where s.operation_id = $1 order by s.created_at`, [
    operationId,
  ]);
}

const SNAPSHOTS = `
  select s.id, s.volume_id as "volumeId", s.volume_size as "volumeSize", v.pool
    from snapshots s join volumes v on v.id = s.volume_id`;

/** How many other live operations read from it. */
export async function readersOf(
  database: Database,
  of: { volumeId: string } | { snapshotId: string },
  exceptOperation: string,
): Promise<number> {
  const [column, id] = 'volumeId' in of ? ['volume_id', of.volumeId] : ['snapshot_id', of.snapshotId];
  const [row] = await database.query<{ readers: number }>(
    `select count(*)::int as readers from operation_holds where ${column} = $1 and operation_id <> $2`,
    [id, exceptOperation],
  );
  return row!.readers;
}

export async function removeSnapshotsOfOperation(tx: Tx, operationId: string): Promise<void> {
  await tx.query('delete from snapshots where operation_id = $1', [operationId]);
}

/** The volume is made; what is left is to write the image into it. */
export async function markDownloading(tx: Tx, volumeId: string): Promise<void> {
  await tx.query(`update volumes set status = 'downloading', updated_at = clock_timestamp() where id = $1`, [
    volumeId,
  ]);
}

/** A copy boots like its source (Cinder behaviour). `from` is a volume, or the volume of a snapshot. */
export async function inheritImage(tx: Tx, volumeId: string, fromVolumeId: string): Promise<void> {
  await tx.query(
    `update volumes v set bootable = s.bootable, image_metadata = s.image_metadata
       from volumes s where v.id = $1 and s.id = $2`,
    [volumeId, fromVolumeId],
  );
}

/** A volume that holds an image is bootable and tells which image it was. */
export async function recordImage(tx: Tx, volumeId: string, metadata: Record<string, string>): Promise<void> {
  await tx.query('update volumes set bootable = true, image_metadata = $2 where id = $1', [
    volumeId,
    JSON.stringify(metadata),
  ]);
}

/** What the database expects on a backend: each volume and snapshot placed there. */
export interface ExpectedItem {
  kind: 'volume' | 'snapshot';
  id: string;
  /** Whether an operation is at work on it or has given it up, so that storage may show it or not. */
  unsettled: boolean;
}

/** Rows of one page. */
const PAGE = 1000;

const EXPECTED: Record<ExpectedItem['kind'], string> = {
  volume: `
    select 'volume' as kind, v.id, v.status not in ('available', 'in-use', 'reserved', 'attaching', 'detaching') as unsettled
      from volumes v join pools p on p.address = v.pool
     where p.backend = $1 and v.id > $2 order by v.id limit ${PAGE}`,
  snapshot: `
    select 'snapshot' as kind, s.id, s.status <> 'available' as unsettled
      from snapshots s join volumes v on v.id = s.volume_id join pools p on p.address = v.pool
     where p.backend = $1 and s.id > $2 order by s.id limit ${PAGE}`,
};

/** In pages, so that a backend of any size takes little memory. */
export async function* expectedOnBackend(database: Database, backend: string): AsyncGenerator<ExpectedItem> {
  for (const sql of Object.values(EXPECTED)) {
    yield* inPages((after) => database.query<ExpectedItem>(sql, [backend, after]), PAGE);
  }
}
