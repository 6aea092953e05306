import type { Database, Tx } from '../database.js';
import { inPages } from './in-pages.js';

export interface AttachmentRow {
  id: string;
  volumeId: string;
  /** GiB. */
  volumeSize: number;
  pool: string | null;
  mode: 'rw' | 'ro';
  connector: Record<string, unknown> | null;
  /** Sealed; see `SecretBox`. */
  chap: Buffer | null;
  exported: boolean;
  /** Whether a live operation is busy with its export. */
  busy: boolean;
  /** Whether that operation is to end its export. */
  detaching: boolean;
}

export async function findAttachment(database: Database, id: string): Promise<AttachmentRow | undefined> {
  const [row] = await database.query<AttachmentRow>(`${ATTACHMENTS} where a.id = $1`, [id]);
  return row;
}

/** Those of the attachments whose export somebody has a right to, or will say in a moment; of any backend. */
export async function claimedAmong(database: Database, ids: readonly string[]): Promise<Set<string>> {
  const rows = await database.query<{ id: string }>(
    'select id from attachments where id = any($1::uuid[]) and (exported or operation_id is not null)',
    [ids],
  );
  return new Set(rows.map(({ id }) => id));
}

/** All attachments of the volumes on `host@backend`: what that backend may serve. */
export function attachmentsOfBackend(database: Database, backend: string): Promise<AttachmentRow[]> {
  return database.query<AttachmentRow>(
    `${ATTACHMENTS} where v.pool in (select address from pools where backend = $1) order by a.created_at`,
    [backend],
  );
}

/** Whether an attachment is to be served. */
export interface ExpectedExport {
  id: string;
  volumeId: string;
  /** `host@backend`. */
  backend: string;
  exported: boolean;
  busy: boolean;
}

/** Rows of one page. */
const PAGE = 1000;

/** What the backends are to serve, in pages. */
export function expectedExports(
  database: Database,
  backends: readonly string[],
): AsyncGenerator<ExpectedExport> {
  const page = (after: string): Promise<ExpectedExport[]> =>
    database.query<ExpectedExport>(
      `select a.id, a.volume_id as "volumeId", p.backend, a.exported, a.operation_id is not null as busy
         from attachments a join volumes v on v.id = a.volume_id join pools p on p.address = v.pool
        where p.backend = any($1) and a.id > $2 order by a.id limit ${PAGE}`,
      [backends, after],
    );
  return inPages(page, PAGE);
}

/** Everything that may serve the volume: also what is being connected, whose row does not say `exported` yet. */
export function attachmentsOf(database: Database, volumeId: string): Promise<AttachmentRow[]> {
  return database.query<AttachmentRow>(`${ATTACHMENTS} where a.volume_id = $1`, [volumeId]);
}

const ATTACHMENTS = `
  select a.id, a.volume_id as "volumeId", v.size as "volumeSize", v.pool, a.mode, a.connector, a.chap, a.exported,
         a.operation_id is not null as busy, a.operation_id is not null and a.status = 'detaching' as detaching
    from attachments a join volumes v on v.id = a.volume_id`;

/** Keeps the first credentials that were made for the attachment, whoever comes second. Answers those that count. */
export async function keepChap(database: Database, id: string, sealed: Buffer): Promise<Buffer> {
  await database.query('update attachments set chap = $2 where id = $1 and chap is null', [id, sealed]);
  const [row] = await database.query<{ chap: Buffer }>('select chap from attachments where id = $1', [id]);
  if (!row) throw new Error(`attachment ${id} is gone`);
  return row.chap;
}

/**
 * Locks the volume of an attachment. Whoever changes attachments locks their volume first, or two of them would wait for
 * each other: the one for the attachment, the other for the volume's status.
 */
export async function lockVolumeOfAttachment(tx: Tx, id: string): Promise<void> {
  await tx.query(
    'select from volumes where id = (select volume_id from attachments where id = $1::uuid) for update',
    [id],
  );
}

export async function markExported(tx: Tx, id: string, connectionInfo: object): Promise<void> {
  await lockVolumeOfAttachment(tx, id);
  await tx.query('update attachments set exported = true, connection_info = $2 where id = $1', [
    id,
    JSON.stringify(connectionInfo),
  ]);
}

export async function markUnexported(tx: Tx, id: string): Promise<void> {
  await lockVolumeOfAttachment(tx, id);
  await tx.query(
    'update attachments set exported = false, connection_info = null, chap = null where id = $1',
    [id],
  );
}
