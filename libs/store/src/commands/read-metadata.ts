import { Fault } from '@scoria/domain';
import type { Database, Tx } from '../database.js';

export type MetadataTable = 'volumes' | 'snapshots';

const KIND: Record<MetadataTable, string> = { volumes: 'Volume', snapshots: 'Snapshot' };

/** @throws Fault `notFound` when the row is absent or not `projectId`'s (null: anybody's) */
export async function readMetadata(
  database: Database,
  table: MetadataTable,
  id: string,
  projectId: string | null,
): Promise<Record<string, string>> {
  const [row] = await database.query<{ metadata: Record<string, string> }>(
    `select metadata from ${table} where id = $1::uuid and ($2::text is null or project_id = $2)`,
    [id, projectId],
  );
  if (!row) throw new Fault('notFound', `${KIND[table]} ${id} could not be found.`);
  return row.metadata;
}

/** The image metadata of a volume; empty when it was not made from an image. */
export async function readImageMetadata(
  from: Database | Tx,
  id: string,
  projectId: string | null,
): Promise<Record<string, string>> {
  const [row] = (await from.query(
    `select coalesce(image_metadata, '{}') as metadata from volumes
      where id = $1::uuid and ($2::text is null or project_id = $2)`,
    [id, projectId],
  )) as { metadata: Record<string, string> }[];
  if (!row) throw new Fault('notFound', `Volume ${id} could not be found.`);
  return row.metadata;
}
