import type { Parameters } from './parameters.js';
import type { ResourceView, Shape, ViewField, Viewer } from './view.js';

/** SQL that makes a row's wire JSON as text. Keys that some rows lack are appended to the object's text. */
export function rowJson(view: ResourceView, shape: Shape, viewer: Viewer, parameters: Parameters): string {
  const fields = view.fields.filter((field) => isShown(field, shape, viewer));
  const always = fields.filter((field) => field.onlyIf === undefined);
  const sometimes = fields.filter((field) => field.onlyIf !== undefined);
  const pairs = always.map((field) => `'${field.key}', ${valueOf(field, viewer)}`);
  const object = `json_build_object(${pairs.join(', ')})::text`;
  const extras = sometimes.map(
    (field) =>
      `case when ${field.onlyIf} then ',"${field.key}":' || to_json(${valueOf(field, viewer)})::text else '' end`,
  );
  const sql = extras.length === 0 ? object : `left(${object}, -1) || ${extras.join(' || ')} || '}'`;
  return withLinks(sql, viewer, parameters);
}

function isShown(field: ViewField, shape: Shape, viewer: Viewer): boolean {
  if (shape === 'summary' && !field.summary) return false;
  if (shape === 'created' && field.extension) return false;
  return (field.since ?? 0) <= viewer.minor && (!field.admin || viewer.isAdmin);
}

const valueOf = (field: ViewField, viewer: Viewer): string =>
  (viewer.isAdmin ? field.adminSql : undefined) ?? field.sql;

function withLinks(sql: string, { links }: Viewer, parameters: Parameters): string {
  if (!sql.includes('$self')) return sql;
  const self = `${parameters.add(links.self)}::text`;
  const bookmark = `${parameters.add(links.bookmark)}::text`;
  return sql.replaceAll('$self', self).replaceAll('$bookmark', bookmark);
}
