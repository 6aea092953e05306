import type { Tx } from '../database.js';
import { lockRow } from './rows.js';

/** What a request checks of a volume before it changes it. */
export interface LockedVolume {
  id: string;
  projectId: string;
  /** GiB. */
  size: number;
  status: string;
  attachStatus: string;
  hold: string | null;
  operationId: string | null;
  operationKind: string | null;
  /** `host@backend#pool`, or null while unplaced. */
  pool: string | null;
  name: string | null;
  description: string | null;
  volumeTypeId: string;
  availabilityZone: string | null;
  multiattach: boolean;
  bootable: boolean;
  readonly: boolean | null;
  metadata: Record<string, string>;
  attachments: number;
  snapshots: number;
}

const LOCKED_VOLUME = `
  select v.id, v.project_id as "projectId", v.size, v.status, v.attach_status as "attachStatus", v.hold,
         v.operation_id as "operationId",
         (select kind from operations where id = v.operation_id) as "operationKind",
         v.pool, v.name, v.description, v.volume_type_id as "volumeTypeId",
         v.availability_zone as "availabilityZone", v.multiattach, v.bootable, v.readonly, v.metadata,
         (select count(*)::int from attachments where volume_id = v.id) as attachments,
         (select count(*)::int from snapshots where volume_id = v.id) as snapshots
    from volumes v where v.id = $1::uuid`;

/** @throws Fault `notFound` when it is absent or not `projectId`'s (null: anybody's) */
export function lockVolume(tx: Tx, id: string, projectId: string | null): Promise<LockedVolume> {
  return lockRow(tx, LOCKED_VOLUME, { table: 'volumes', kind: 'Volume', id, projectId, strength: 'update' });
}

/** The same for a source that is only read: others may read it at the same time, nobody may change it. */
export function shareVolume(tx: Tx, id: string, projectId: string | null): Promise<LockedVolume> {
  return lockRow(tx, LOCKED_VOLUME, { table: 'volumes', kind: 'Volume', id, projectId, strength: 'share' });
}

export async function removeVolume(tx: Tx, id: string): Promise<void> {
  await tx.query('delete from volumes where id = $1', [id]);
}

/** Into the transitional status that `operationId` will end. */
export async function beginVolumeOperation(
  tx: Tx,
  id: string,
  status: 'deleting' | 'extending' | 'uploading',
  operationId: string,
  pendingSize: number | null = null,
): Promise<void> {
  await tx.query(
    `update volumes set status = $2, operation_id = $3, pending_size = $4, updated_at = clock_timestamp()
      where id = $1`,
    [id, status, operationId, pendingSize],
  );
}

const COLUMNS = {
  name: 'name',
  description: 'description',
  metadata: 'metadata',
  imageMetadata: 'image_metadata',
  bootable: 'bootable',
  readonly: 'readonly',
  status: 'status',
  attachStatus: 'attach_status',
} as const;

export type VolumeChanges = Partial<Record<keyof typeof COLUMNS, unknown>>;

/** Sets the given columns; objects go into jsonb. */
export async function changeVolume(tx: Tx, id: string, changes: VolumeChanges): Promise<void> {
  const entries = Object.entries(changes) as [keyof typeof COLUMNS, unknown][];
  const set = entries.map(([key], index) => `${COLUMNS[key]} = $${index + 2}`);
  await tx.query(
    `update volumes set ${[...set, 'updated_at = clock_timestamp()'].join(', ')} where id = $1`,
    [
      id,
      ...entries.map(([, value]) =>
        typeof value === 'object' && value !== null ? JSON.stringify(value) : value,
      ),
    ],
  );
}
