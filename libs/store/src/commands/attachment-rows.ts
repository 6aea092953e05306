import type { Tx } from '../database.js';
import { lockVolumeOfAttachment } from '../rows/attachments.js';
import { lockRow } from './rows.js';

/** What a request checks of an attachment before it changes it. */
export interface LockedAttachment {
  id: string;
  volumeId: string;
  projectId: string;
  instanceUuid: string | null;
  attachedHost: string | null;
  mountpoint: string | null;
  status: string;
  mode: 'rw' | 'ro';
  /** Made by os-initialize_connection or os-attach. */
  legacy: boolean;
  connector: Record<string, unknown> | null;
  exported: boolean;
  hasConnection: boolean;
  operationId: string | null;
  operationKind: string | null;
  /** Of its volume: `host@backend#pool`. */
  pool: string | null;
}

const LOCKED_ATTACHMENT = `
  select a.id, a.volume_id as "volumeId", a.project_id as "projectId", a.instance_uuid as "instanceUuid",
         a.attached_host as "attachedHost", a.mountpoint, a.status, a.mode, a.legacy, a.connector, a.exported,
         a.connection_info is not null as "hasConnection", a.operation_id as "operationId",
         (select kind from operations where id = a.operation_id) as "operationKind",
         (select pool from volumes where id = a.volume_id) as pool
    from attachments a`;

/** Its volume is locked too. @throws Fault `notFound` when it is absent or not `projectId`'s (null: anybody's) */
export async function lockAttachment(
  tx: Tx,
  id: string,
  projectId: string | null,
): Promise<LockedAttachment> {
  await lockVolumeOfAttachment(tx, id);
  return lockRow(tx, `${LOCKED_ATTACHMENT} where a.id = $1::uuid`, {
    table: 'attachments',
    kind: 'Volume attachment',
    id,
    projectId,
    strength: 'update',
  });
}

/** All of a volume, oldest first, locked and then looked at (see `lockRow`). */
export async function lockAttachmentsOf(tx: Tx, volumeId: string): Promise<LockedAttachment[]> {
  await tx.query('select from attachments where volume_id = $1 order by id for update', [volumeId]);
  return (await tx.query(`${LOCKED_ATTACHMENT} where a.volume_id = $1 order by a.created_at, a.id`, [
    volumeId,
  ])) as LockedAttachment[];
}

export interface NewAttachment {
  id: string;
  volumeId: string;
  projectId: string;
  instanceUuid: string | null;
  mode: 'rw' | 'ro';
  legacy: boolean;
}

/** A new attachment is `reserved`. */
export async function insertAttachment(tx: Tx, attachment: NewAttachment): Promise<void> {
  const { id, volumeId, projectId, instanceUuid, mode, legacy } = attachment;
  await tx.query(
    `insert into attachments (id, volume_id, project_id, instance_uuid, mode, legacy, status)
     values ($1, $2, $3, $4, $5, $6, 'reserved')`,
    [id, volumeId, projectId, instanceUuid, mode, legacy],
  );
}

/** Who wants the export that `operationId` makes. */
export async function beginConnect(
  tx: Tx,
  id: string,
  operationId: string,
  { connector, mode }: { connector: Record<string, unknown>; mode: 'rw' | 'ro' },
): Promise<void> {
  await tx.query(
    `update attachments set operation_id = $2, connector = $3, mode = $4, updated_at = clock_timestamp(),
            attached_host = coalesce($3::jsonb->>'host', attached_host),
            mountpoint = coalesce($3::jsonb->>'mountpoint', mountpoint, 'na')
      where id = $1`,
    [id, operationId, JSON.stringify(connector), mode],
  );
}

export async function beginDisconnect(tx: Tx, id: string, operationId: string): Promise<void> {
  await tx.query(
    `update attachments set status = 'detaching', operation_id = $2, updated_at = clock_timestamp() where id = $1`,
    [id, operationId],
  );
}

export async function removeAttachment(tx: Tx, id: string): Promise<void> {
  await tx.query('delete from attachments where id = $1', [id]);
}

/** The client uses it now. */
export async function completeAttachment(tx: Tx, id: string): Promise<void> {
  await tx.query(
    `update attachments set status = 'attached', attached_at = coalesce(attached_at, clock_timestamp()),
            updated_at = clock_timestamp() where id = $1`,
    [id],
  );
}

export interface LegacyUse {
  instanceUuid: string | null;
  hostName: string | null;
  mountpoint: string;
  mode: 'rw' | 'ro';
}

/** os-attach: the client says who uses a connection. */
export async function useAttachment(tx: Tx, id: string, use: LegacyUse): Promise<void> {
  await tx.query(
    `update attachments set instance_uuid = $2, attached_host = coalesce($3, attached_host), mountpoint = $4, mode = $5
      where id = $1`,
    [id, use.instanceUuid, use.hostName, use.mountpoint, use.mode],
  );
  await completeAttachment(tx, id);
}

/** Nobody uses the connection any more, but it stays for others of its host. */
export async function unuseAttachment(tx: Tx, id: string): Promise<void> {
  await tx.query(
    `update attachments set status = 'reserved', instance_uuid = null, attached_at = null,
            updated_at = clock_timestamp() where id = $1`,
    [id],
  );
}

/** The canonical protocol of a pool's exports, e.g. `iSCSI`. */
export async function protocolOf(tx: Tx, pool: string): Promise<string | undefined> {
  const [row] = (await tx.query(
    `select state->'storageProtocol'->>0 as protocol from pools where address = $1`,
    [pool],
  )) as { protocol: string }[];
  return row?.protocol;
}
