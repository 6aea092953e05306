import {
  listRows,
  showRow,
  type ListPage,
  type ResourceView,
  type Shape,
  type Tx,
  type Viewer,
} from '@scoria/store';
import type { Call } from '../frame/call.js';
import type { ApiDeps } from '../frame/deps.js';
import { readListQuery, type ListQuery } from './list-query.js';

export interface ListOptions {
  shape: 'summary' | 'detail';
  /** Path below the project (or below `/scoria/v1`) that next links point to. Default: the collection, with `/detail` for the detail list. */
  path?: string;
  /** Key of the members. Default: the view's name. */
  key?: string;
  /** Key of the next link. Default: `<key>_links`. */
  linksKey?: string;
}

/** Collections and single rows as wire text. */
export class Lists {
  constructor(private readonly deps: Pick<ApiDeps, 'config' | 'database'>) {}

  async list(call: Call, view: ResourceView, options: ListOptions): Promise<string> {
    const query = readListQuery(call, view, this.deps.config.api.maxLimit);
    return this.listAs(call, view, query, query.allTenants ? null : call.context.projectId, options);
  }

  /** The same for a query that was read otherwise; `projectId` says whose rows, null for all. */
  async listAs(
    call: Call,
    view: ResourceView,
    query: ListQuery,
    projectId: string | null,
    options: ListOptions,
  ): Promise<string> {
    const page = await this.page(view, query, { ...viewerOf(call, view), projectId }, options.shape);
    const { key = view.name, linksKey = `${key}_links` } = options;
    const path = options.path ?? (options.shape === 'detail' ? `${view.name}/detail` : view.name);
    const next =
      page.returned > 0 && page.returned === query.limit
        ? nextLink(call, `${prefixOf(call, view)}/${path}`, page.lastId!)
        : undefined;
    const links = next === undefined ? '' : `,"${linksKey}":${JSON.stringify([{ rel: 'next', href: next }])}`;
    const count = page.total === null ? '' : `,"count":${page.total}`;
    return `{"${key}":[${page.items}]${links}${count}}`;
  }

  /** The row under its singular key, e.g. `{"volume":{…}}`. */
  async show(
    call: Call,
    view: ResourceView,
    key: string,
    id: string,
    options: { shape?: Shape; tx?: Tx } = {},
  ): Promise<string> {
    const viewer = { ...viewerOf(call, view), projectId: call.scope };
    return `{"${key}":${await showRow(options.tx ?? this.deps.database, view, viewer, id, options.shape)}}`;
  }

  private async page(
    view: ResourceView,
    query: ListQuery,
    viewer: Viewer,
    shape: 'summary' | 'detail',
  ): Promise<ListPage> {
    if (query.nothing) return { items: '', returned: 0, lastId: null, total: query.withCount ? 0 : null };
    const { limit, offset, marker, sort, filters, withCount } = query;
    return listRows(this.deps.database, view, {
      viewer,
      shape,
      limit,
      offset,
      marker,
      sort,
      filters,
      withCount,
    });
  }
}

/** Links name the caller's project, whosever the row is (Cinder behaviour). */
export function viewerOf(call: Call, view: Pick<ResourceView, 'name' | 'own'>): Viewer {
  const { projectId, isAdmin, roles } = call.context;
  return {
    projectId,
    isAdmin,
    isService: roles.includes('service'),
    minor: call.minor,
    links: {
      self: `${prefixOf(call, view)}/${view.name}/`,
      bookmark: `${call.linkBase}/${projectId}/${view.name}/`,
    },
  };
}

/** What stands before a collection's name. */
const prefixOf = ({ linkBase, context }: Call, { own }: Pick<ResourceView, 'own'>): string =>
  own ? `${linkBase}/scoria/v1` : `${linkBase}/v3/${context.projectId}`;

function nextLink(call: Call, collection: string, lastId: string): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(call.query)) {
    if (key === 'marker' || key === 'offset') continue;
    for (const item of Array.isArray(value) ? value : [value]) parameters.append(key, item);
  }
  parameters.set('marker', lastId);
  return `${collection}?${parameters.toString()}`;
}
