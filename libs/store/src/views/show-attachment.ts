import { Fault } from '@scoria/domain';
import type { Database, Tx } from '../database.js';
import { ATTACHMENTS, NESTED_CONNECTION } from './attachments.view.js';
import { Parameters } from './parameters.js';
import { rowJson } from './row-json.js';
import type { Viewer } from './view.js';

/** An attachment's wire JSON, and what has to be opened to complete it. */
export interface ShownAttachment {
  item: string;
  /** Sealed credentials; null while nothing is exported. */
  chap: Buffer | null;
}

/**
 * One attachment in detail. Its password is still sealed.
 *
 * @throws Fault `notFound` when it is absent or another project's
 */
export function showAttachment(from: Database | Tx, viewer: Viewer, id: string): Promise<ShownAttachment> {
  const parameters = new Parameters();
  const json = rowJson(ATTACHMENTS, 'detail', viewer, parameters);
  return one(from, json, parameters, viewer.projectId, id);
}

/** The connection as os-initialize_connection answers it. */
export function showConnection(
  from: Database | Tx,
  projectId: string | null,
  id: string,
): Promise<ShownAttachment> {
  return one(from, `(${NESTED_CONNECTION})::text`, new Parameters(), projectId, id);
}

async function one(
  from: Database | Tx,
  json: string,
  parameters: Parameters,
  projectId: string | null,
  id: string,
): Promise<ShownAttachment> {
  const own = projectId === null ? '' : ` and a.project_id = ${parameters.add(projectId)}`;
  const [row] = (await from.query(
    `select ${json} as item, case when a.exported then a.chap end as chap
       from attachments a where a.id = ${parameters.add(id)}::uuid${own}`,
    parameters.values,
  )) as ShownAttachment[];
  if (!row) throw new Fault('notFound', `${ATTACHMENTS.kind} ${id} could not be found.`);
  return row;
}

/** The short forms of a volume's attachments: a JSON array as text. */
export async function attachmentSummaries(
  from: Database | Tx,
  volumeId: string,
  viewer: Viewer,
): Promise<string> {
  const parameters = new Parameters();
  const json = rowJson(ATTACHMENTS, 'summary', viewer, parameters);
  const [row] = (await from.query(
    `select '[' || coalesce(string_agg(${json}, ',' order by a.created_at, a.id), '') || ']' as items
       from attachments a where a.volume_id = ${parameters.add(volumeId)}::uuid and not (a.legacy and a.status = 'reserved')`,
    parameters.values,
  )) as [{ items: string }];
  return row.items;
}
