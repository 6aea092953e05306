import type { Tx } from '../database.js';
import { Parameters } from '../views/parameters.js';
import { rowJson } from '../views/row-json.js';
import { SNAPSHOTS } from '../views/snapshots.view.js';
import { fromClause, type Viewer } from '../views/view.js';
import { lockRow } from './rows.js';

/** What a request checks of a snapshot before it changes it. */
export interface LockedSnapshot {
  id: string;
  projectId: string;
  volumeId: string;
  /** GiB. */
  volumeSize: number;
  volumeTypeId: string;
  status: string;
  operationId: string | null;
  operationKind: string | null;
  name: string | null;
  description: string | null;
  metadata: Record<string, string>;
  /** Of its volume. */
  pool: string | null;
  availabilityZone: string | null;
  bootable: boolean;
}

const LOCKED_SNAPSHOT = `
  select s.id, s.project_id as "projectId", s.volume_id as "volumeId", s.volume_size as "volumeSize",
         s.volume_type_id as "volumeTypeId", s.status, s.operation_id as "operationId",
         (select kind from operations where id = s.operation_id) as "operationKind", s.name, s.description,
         s.metadata, v.pool, v.availability_zone as "availabilityZone", v.bootable
    from snapshots s join volumes v on v.id = s.volume_id
   where s.id = $1::uuid`;

/** @throws Fault `notFound` when it is absent or not `projectId`'s (null: anybody's) */
export function lockSnapshot(tx: Tx, id: string, projectId: string | null): Promise<LockedSnapshot> {
  return lockRow(tx, LOCKED_SNAPSHOT, {
    table: 'snapshots',
    kind: 'Snapshot',
    id,
    projectId,
    strength: 'update',
  });
}

/** The same for a source that is only read. */
export function shareSnapshot(tx: Tx, id: string, projectId: string | null): Promise<LockedSnapshot> {
  return lockRow(tx, LOCKED_SNAPSHOT, {
    table: 'snapshots',
    kind: 'Snapshot',
    id,
    projectId,
    strength: 'share',
  });
}

export interface NewSnapshot {
  id: string;
  projectId: string;
  userId: string;
  volumeId: string;
  /** GiB. */
  volumeSize: number;
  volumeTypeId: string;
  name: string | null;
  description: string | null;
  metadata: Record<string, string>;
  operationId: string;
}

/** Inserts a snapshot in `creating` and answers its wire JSON, in one statement. */
export async function insertSnapshot(tx: Tx, snapshot: NewSnapshot, viewer: Viewer): Promise<string> {
  const parameters = new Parameters();
  const columns: Record<string, unknown> = {
    id: snapshot.id,
    project_id: snapshot.projectId,
    user_id: snapshot.userId,
    volume_id: snapshot.volumeId,
    volume_size: snapshot.volumeSize,
    volume_type_id: snapshot.volumeTypeId,
    name: snapshot.name,
    description: snapshot.description,
    status: 'creating',
    operation_id: snapshot.operationId,
    metadata: JSON.stringify(snapshot.metadata),
  };
  const values = Object.values(columns).map((value) => parameters.add(value));
  const json = rowJson(SNAPSHOTS, 'created', viewer, parameters);
  const [row] = await tx.query<[{ item: string }]>(
    `with s as (
       insert into snapshots (${Object.keys(columns).join(', ')}) values (${values.join(', ')}) returning *)
     select ${json} as item from ${fromClause(SNAPSHOTS, 'result')}`,
    parameters.values,
  );
  return row.item;
}

const COLUMNS = {
  name: 'name',
  description: 'description',
  metadata: 'metadata',
  status: 'status',
  progress: 'progress',
} as const;

export type SnapshotChanges = Partial<Record<keyof typeof COLUMNS, unknown>>;

/** Sets the given columns; objects go into jsonb. */
export async function changeSnapshot(tx: Tx, id: string, changes: SnapshotChanges): Promise<void> {
  const entries = Object.entries(changes) as [keyof typeof COLUMNS, unknown][];
  const set = entries.map(([key], index) => `${COLUMNS[key]} = $${index + 2}`);
  await tx.query(
    `update snapshots set ${[...set, 'updated_at = clock_timestamp()'].join(', ')} where id = $1`,
    [
      id,
      ...entries.map(([, value]) =>
        typeof value === 'object' && value !== null ? JSON.stringify(value) : value,
      ),
    ],
  );
}

export async function beginSnapshotDelete(tx: Tx, id: string, operationId: string): Promise<void> {
  await tx.query(
    `update snapshots set status = 'deleting', operation_id = $2, updated_at = clock_timestamp() where id = $1`,
    [id, operationId],
  );
}

/** Those that a cascading delete takes along, locked. */
export async function lockSnapshotsOf(
  tx: Tx,
  volumeId: string,
): Promise<{ id: string; status: string; projectId: string }[]> {
  return await tx.query<{ id: string; status: string; projectId: string }[]>(
    `select id, status, project_id as "projectId" from snapshots where volume_id = $1 order by id for update`,
    [volumeId],
  );
}

/** All of them under the volume's own operation. */
export async function beginCascade(tx: Tx, volumeId: string, operationId: string): Promise<void> {
  await tx.query(
    `update snapshots set status = 'deleting', operation_id = $2, updated_at = clock_timestamp()
      where volume_id = $1`,
    [volumeId, operationId],
  );
}
