/**
 * How a table is shown on the wire. PostgreSQL builds the JSON text from these tables, so that neither rows nor objects
 * are made of it in between. All SQL here is the program's own; what comes from a request is only ever a parameter.
 */
export interface ResourceView {
  /** E.g. `volumes`; also how errors and gates name it. */
  name: string;
  /** Of one row, e.g. `Volume`. */
  kind: string;
  table: string;
  alias: string;
  /** Of Scoria's own API: links are under `/scoria/v1`, without the project. */
  own?: boolean;
  /** What is joined to each row; SQL that names `alias`. */
  joins?: string;
  fields: readonly ViewField[];
  sortKeys: Readonly<Record<string, SortKey>>;
  filters: Readonly<Record<string, Filter>>;
  /**
   * Which rows a project sees, where that is not those with its `project_id`; SQL in which `$project` stands for the
   * project.
   */
  visibleTo?: string;
  /** Rows that nobody is shown, e.g. of another collection; SQL without parameters. */
  where?: string;
}

/**
 * How an expression becomes JSON text. `escaped` takes any text; `quoted` text that needs no escaping (ids, times,
 * statuses), which is much cheaper; `plain` what reads as JSON by itself (numbers, booleans, json, jsonb); `constant` is
 * JSON already. SQL null becomes JSON null.
 */
export type JsonForm = 'escaped' | 'quoted' | 'plain' | 'constant';

export interface ViewField {
  key: string;
  sql: string;
  /** Default `escaped`. */
  as?: JsonForm;
  /** The least minor version. */
  since?: number;
  /** Administrators only; absent for others. */
  admin?: boolean;
  /** What administrators see instead of `sql`. */
  adminSql?: string;
  /** Whether callers with the role `service` see `adminSql` too. */
  services?: boolean;
  /** Also in the short list. */
  summary?: boolean;
  /** Only when a row is looked at: left out of the short list and of answers to a create and an update (Cinder's extensions). */
  extension?: boolean;
  /** A condition; the key is left out of rows that do not meet it. */
  onlyIf?: string;
}

/** Stands for the two links of a row in a field's `sql`; the row's id completes them. */
export const LINKS = '$links';

/** The one link of a row under `/scoria/v1`. */
export const SELF_LINK = '$self';

export interface SortKey {
  /** Names the main table's columns only. Never null: a cursor cannot go past a null. */
  sql: string;
  /** Of its parameter when a marker's value is compared. */
  since?: number;
}

/** How the value of a filter is read from a query. */
export type FilterType =
  'text' | 'uuid' | 'integer' | 'boolean' | 'strictBoolean' | 'metadata' | 'times' | 'never';

export interface Filter {
  type: FilterType;
  /** The compared expression, of the main table's columns; for `metadata` a jsonb, for `times` a timestamptz. */
  sql: string;
  /** Usable by everybody (Cinder's resource_filters.json); otherwise by administrators only. */
  everybody?: boolean;
  /** The least minor version; below it the key is unknown. */
  since?: number;
  /** Replaces equality; `$` stands for the parameter. */
  match?: string;
  /** Of a boolean: compared without a parameter, so that partial indexes serve it. */
  literal?: boolean;
}

/** `created` is what answers a create and an update. */
export type Shape = 'summary' | 'detail' | 'created';

export interface LinkPrefixes {
  /** `<base>/v3/<project>/<collection>/`, or `<base>/scoria/v1/<collection>/`. */
  self: string;
  /** `<base>/<project>/<collection>/`. */
  bookmark: string;
}

/** Who looks, and with which microversion. */
export interface Viewer {
  /** Whose rows; null for all. */
  projectId: string | null;
  isAdmin: boolean;
  /** Has the role `service`: Glance, where volumes keep its images. */
  isService?: boolean;
  minor: number;
  links: LinkPrefixes;
}

/** A naive time with microseconds, as Cinder's (cinder-map §0). */
export const naiveTime = (expression: string): string =>
  `to_char(${expression} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')`;

/** The condition under which a project sees a row; `project` is a parameter. */
export const visibilityOf = ({ alias, visibleTo }: ResourceView, project: string): string =>
  visibleTo ? `(${visibleTo.replaceAll('$project', project)})` : `${alias}.project_id = ${project}`;

/** The rows of a view, or of a statement's own result (`with <alias> as (insert … returning *)`). */
export const fromClause = (
  { table, alias, joins = '' }: ResourceView,
  rows: 'table' | 'result' = 'table',
): string => `${rows === 'table' ? `${table} ${alias}` : alias} ${joins}`;
