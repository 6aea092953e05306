import { Fault } from '@scoria/domain';
import type { Database, Tx } from '../database.js';
import { Parameters } from './parameters.js';
import { rowJson } from './row-json.js';
import { fromClause, visibilityOf, type ResourceView, type Shape, type Viewer } from './view.js';

/**
 * One row's wire JSON, as text.
 *
 * @throws Fault `notFound` when it is absent or another project's
 */
export async function showRow(
  from: Database | Tx,
  view: ResourceView,
  viewer: Viewer,
  id: string,
  shape: Shape = 'detail',
): Promise<string> {
  const parameters = new Parameters();
  const json = rowJson(view, shape, viewer, parameters);
  const own = viewer.projectId === null ? '' : ` and ${visibilityOf(view, parameters.add(viewer.projectId))}`;
  const sql = `select ${json} as item from ${fromClause(view)} where ${view.alias}.id = ${parameters.add(id)}::uuid${own}`;
  const [row] = (await from.query(sql, parameters.values)) as { item: string }[];
  if (!row) throw new Fault('notFound', `${view.kind} ${id} could not be found.`);
  return row.item;
}
