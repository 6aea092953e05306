import type { Tx } from '../database.js';
import { naiveTime } from '../views/view.js';

/** A type as os-volume_upload_image answers it. */
export async function volumeTypeDocument(tx: Tx, id: string): Promise<object> {
  const [row] = await tx.query<[{ item: object }]>(
    `select json_build_object('id', id, 'name', name, 'description', description, 'is_public', is_public,
              'extra_specs', extra_specs, 'qos_specs_id', null, 'deleted', false, 'deleted_at', null,
              'created_at', ${naiveTime('created_at')}, 'updated_at', ${naiveTime('updated_at')}) as item
       from volume_types where id = $1`,
    [id],
  );
  return row.item;
}
