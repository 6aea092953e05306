import { Fault, isUuid } from '@scoria/domain';
import type { Database } from '../database.js';
import { filterSql, type FilterWish } from './filters.js';
import { Parameters } from './parameters.js';
import { rowJson } from './row-json.js';
import { visibilityOf, type ResourceView, type Viewer } from './view.js';

export interface SortWish {
  key: string;
  direction: 'asc' | 'desc';
}

export interface ListRequest {
  viewer: Viewer;
  shape: 'summary' | 'detail';
  limit: number;
  offset: number;
  /** Id of the last row of the page before. */
  marker?: string | undefined;
  sort: readonly SortWish[];
  filters: readonly FilterWish[];
  /** Whether to count all rows that match, whatever the page. */
  withCount: boolean;
}

export interface ListPage {
  /** The members' JSON text, comma-separated. */
  items: string;
  returned: number;
  lastId: string | null;
  total: number | null;
}

interface PageRow extends ListPage {
  marked: boolean;
}

/**
 * One page of a collection, by one statement whatever its length. The marker's place in the order is looked up in the
 * same statement.
 *
 * @throws Fault `notFound` for an unknown marker, `badRequest` for a filter value of the wrong type
 */
export async function listRows(
  database: Database,
  view: ResourceView,
  request: ListRequest,
): Promise<ListPage> {
  const { marker } = request;
  if (marker !== undefined && !isUuid(marker)) throw markerNotFound(marker);
  const parameters = new Parameters();
  const text = statement(view, request, parameters);
  const [page] = await database.query<PageRow>(text, parameters.values);
  if (!page!.marked) throw markerNotFound(marker!);
  return page!;
}

/** The rows are chosen first and shown then: what does not fit on the page is never made into JSON. */
function statement(view: ResourceView, request: ListRequest, parameters: Parameters): string {
  const { alias, table } = view;
  const keys = sortColumns(view, request.sort);
  const json = rowJson(view, request.shape, request.viewer, parameters);
  const visible = conditions(view, request, parameters);
  const marker = request.marker === undefined ? undefined : parameters.add(request.marker);
  const order = keys.map(({ sql, direction }) => `${sql} ${direction}`).join(', ');
  const past = marker === undefined ? [] : [pastMarker(keys)];
  const count = request.withCount
    ? `(select count(*) from ${table} ${alias} where ${visible.join(' and ')})::int`
    : 'null::int';
  return `
    with ${marker === undefined ? '' : markerRow(view, keys, request.viewer, marker, parameters)}
    page as materialized (
      select ${alias}.* from ${table} ${alias}
       where ${[...visible, ...past].join(' and ')}
       order by ${order}
       limit ${parameters.add(request.limit)}::bigint offset ${parameters.add(request.offset)}::bigint)
    select coalesce(string_agg(${json}, ',' order by ${order}), '') as items, count(*)::int as returned,
           (array_agg(${alias}.id order by ${order}))[count(*)] as "lastId", ${count} as total,
           ${marker === undefined ? 'true' : 'exists (select from marker)'} as marked
      from page ${alias} ${view.joins ?? ''}`;
}

interface SortColumn {
  sql: string;
  direction: 'asc' | 'desc';
}

/** The id is last, so that the order is total. */
function sortColumns(view: ResourceView, sort: readonly SortWish[]): SortColumn[] {
  const columns = sort.map(({ key, direction }) => ({ sql: view.sortKeys[key]!.sql, direction }));
  return [...columns, { sql: `${view.alias}.id`, direction: columns.at(-1)?.direction ?? 'desc' }];
}

function markerRow(
  view: ResourceView,
  keys: readonly SortColumn[],
  viewer: Viewer,
  marker: string,
  parameters: Parameters,
): string {
  const columns = keys.map(({ sql }, index) => `${sql} as k${index}`).join(', ');
  const own = viewer.projectId === null ? '' : ` and ${visibilityOf(view, parameters.add(viewer.projectId))}`;
  return `marker as materialized (select ${columns} from ${view.table} ${view.alias} where ${view.alias}.id = ${marker}::uuid${own}),`;
}

/** What comes after the marker. One direction for all keys is one row comparison, which an index answers. */
function pastMarker(keys: readonly SortColumn[]): string {
  const value = (index: number): string => `(select k${index} from marker)`;
  const sign = (direction: string): string => (direction === 'asc' ? '>' : '<');
  const [first] = keys;
  if (keys.every(({ direction }) => direction === first!.direction)) {
    const columns = keys.map(({ sql }) => sql).join(', ');
    return `(${columns}) ${sign(first!.direction)} (${keys.map((_, index) => value(index)).join(', ')})`;
  }
  const branches = keys.map(({ sql, direction }, index) => {
    const equal = keys.slice(0, index).map((key, before) => `${key.sql} = ${value(before)}`);
    return `(${[...equal, `${sql} ${sign(direction)} ${value(index)}`].join(' and ')})`;
  });
  return `(${branches.join(' or ')})`;
}

function conditions(view: ResourceView, request: ListRequest, parameters: Parameters): string[] {
  const { viewer } = request;
  return [
    viewer.projectId === null ? 'true' : visibilityOf(view, parameters.add(viewer.projectId)),
    ...(view.where ? [view.where] : []),
    ...request.filters.map((wish) => filterSql(view.filters[wish.key]!, wish, viewer.minor, parameters)),
  ];
}

const markerNotFound = (marker: string): Fault =>
  new Fault('notFound', `marker [${marker.slice(0, 64)}] not found`);
