import type { Tx } from '../database.js';
import { Parameters } from '../views/parameters.js';
import { rowJson } from '../views/row-json.js';
import { fromClause, type Viewer } from '../views/view.js';
import { VOLUMES } from '../views/volumes.view.js';

export interface NewVolume {
  id: string;
  projectId: string;
  userId: string;
  name: string | null;
  description: string | null;
  /** GiB. */
  size: number;
  operationId: string;
  volumeTypeId: string;
  availabilityZone: string | null;
  snapshotId: string | null;
  sourceVolumeId: string | null;
  bootable: boolean;
  multiattach: boolean;
  metadata: Record<string, string>;
}

/** Inserts a volume in `creating` and answers its wire JSON, in one statement. */
export async function insertVolume(tx: Tx, volume: NewVolume, viewer: Viewer): Promise<string> {
  const parameters = new Parameters();
  const columns: Record<string, unknown> = {
    id: volume.id,
    project_id: volume.projectId,
    user_id: volume.userId,
    name: volume.name,
    description: volume.description,
    size: volume.size,
    status: 'creating',
    operation_id: volume.operationId,
    volume_type_id: volume.volumeTypeId,
    availability_zone: volume.availabilityZone,
    snapshot_id: volume.snapshotId,
    source_volid: volume.sourceVolumeId,
    bootable: volume.bootable,
    multiattach: volume.multiattach,
    metadata: JSON.stringify(volume.metadata),
  };
  const values = Object.values(columns).map((value) => parameters.add(value));
  const json = rowJson(VOLUMES, 'created', viewer, parameters);
  const [row] = await tx.query<[{ item: string }]>(
    `with v as (
       insert into volumes (${Object.keys(columns).join(', ')}) values (${values.join(', ')}) returning *)
     select ${json} as item from ${fromClause(VOLUMES, 'result')}`,
    parameters.values,
  );
  return row.item;
}
