import type { Parameters } from './parameters.js';
import { LINKS, SELF_LINK, type ResourceView, type Shape, type ViewField, type Viewer } from './view.js';

/** Arguments that `concat` takes at most are 100. */
const MAX_ARGUMENTS = 90;

/**
 * SQL that makes a row's wire JSON as text. Pieces of text are put together instead of calling `json_build_object`, which
 * costs three times as much for rows of this width (measured with 30 keys).
 */
export function rowJson(view: ResourceView, shape: Shape, viewer: Viewer, parameters: Parameters): string {
  const fields = view.fields.filter((field) => isShown(field, shape, viewer));
  const pieces: Piece[] = [];
  fields.forEach((field, index) => {
    const key = `${index === 0 ? '{' : ','}"${field.key}":`;
    const value = valueOf(view, field, viewer, parameters);
    if (field.onlyIf === undefined) pieces.push({ text: key }, value);
    else pieces.push({ sql: `case when ${field.onlyIf} then ${concat([{ text: key }, value])} else '' end` });
  });
  return concat([...pieces, { text: '}' }]);
}

/** Literal text, or an expression that is never null. */
type Piece = { text: string } | { sql: string };

function isShown(field: ViewField, shape: Shape, viewer: Viewer): boolean {
  if (shape === 'summary' && !field.summary) return false;
  if (shape === 'created' && field.extension) return false;
  return (field.since ?? 0) <= viewer.minor && (!field.admin || viewer.isAdmin);
}

function valueOf(view: ResourceView, field: ViewField, viewer: Viewer, parameters: Parameters): Piece {
  const privileged = viewer.isAdmin || (field.services && viewer.isService);
  const sql = (privileged ? field.adminSql : undefined) ?? field.sql;
  if (sql === LINKS) return { sql: links(`${view.alias}.id`, viewer, parameters) };
  if (sql === SELF_LINK) return { sql: selfLink(`${view.alias}.id`, viewer, parameters) };
  switch (field.as ?? 'escaped') {
    case 'constant':
      return { text: sql };
    case 'plain':
      return { sql: `coalesce((${sql})::text, 'null')` };
    case 'quoted':
      return { sql: `coalesce('"' || (${sql}) || '"', 'null')` };
    case 'escaped':
      return { sql: `coalesce(to_json(${sql})::text, 'null')` };
  }
}

function links(id: string, { links: { self, bookmark } }: Viewer, parameters: Parameters): string {
  return concat([
    { text: '[{"rel":"self","href":' },
    { sql: linkStart(self, parameters) },
    { sql: id },
    { text: '"},{"rel":"bookmark","href":' },
    { sql: linkStart(bookmark, parameters) },
    { sql: id },
    { text: '"}]' },
  ]);
}

function selfLink(id: string, { links: { self } }: Viewer, parameters: Parameters): string {
  return concat([
    { text: '[{"rel":"self","href":' },
    { sql: linkStart(self, parameters) },
    { sql: id },
    { text: '"}]' },
  ]);
}

/** JSON text when it comes in, so that only the id is left to be put behind it. */
const linkStart = (prefix: string, parameters: Parameters): string =>
  `${parameters.add(JSON.stringify(prefix).slice(0, -1))}::text`;

function concat(pieces: readonly Piece[]): string {
  const merged: Piece[] = [];
  for (const piece of pieces) {
    const last = merged.at(-1);
    if (last && 'text' in last && 'text' in piece)
      merged[merged.length - 1] = { text: last.text + piece.text };
    else merged.push(piece);
  }
  const parts = merged.map((piece) =>
    'text' in piece ? `'${piece.text.replaceAll("'", "''")}'` : piece.sql,
  );
  const groups: string[] = [];
  for (let at = 0; at < parts.length; at += MAX_ARGUMENTS) {
    groups.push(`concat(${parts.slice(at, at + MAX_ARGUMENTS).join(', ')})`);
  }
  return groups.join(' || ');
}
