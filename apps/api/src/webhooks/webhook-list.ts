import { Fault, isUuid } from '@scoria/domain';
import { listWebhooks } from '@scoria/store';
import type { Call } from '../frame/call.js';
import type { ApiDeps } from '../frame/deps.js';

const KNOWN = new Set(['limit', 'marker', 'all_projects']);

/**
 * A page of webhooks, by id.
 *
 * @throws Fault `badRequest` for parameters that are not understood, `forbidden` for a tenant who asks for all projects
 */
export async function listOfWebhooks(
  call: Call,
  { database, config }: Pick<ApiDeps, 'database' | 'config'>,
): Promise<string> {
  const unknown = Object.keys(call.query).find((key) => !KNOWN.has(key));
  if (unknown !== undefined) throw new Fault('badRequest', `Invalid parameter ${unknown.slice(0, 64)}.`);
  const { limit: asked, marker } = call.query;
  if (asked !== undefined && !/^[1-9]\d{0,8}$/.test(String(asked))) {
    throw new Fault('badRequest', 'limit must be a positive integer.');
  }
  if (marker !== undefined && !isUuid(String(marker))) {
    throw new Fault('badRequest', 'marker must be the id of a webhook.');
  }
  const all = call.flag('all_projects');
  if (all && !call.context.isAdmin) throw new Fault('forbidden', 'all_projects is for administrators.');
  const limit = Math.min(asked === undefined ? config.api.maxLimit : Number(asked), config.api.maxLimit);
  const rows = await listWebhooks(database, {
    projectId: all ? null : call.context.projectId,
    isAdmin: call.context.isAdmin,
    marker: marker === undefined ? undefined : String(marker),
    limit,
  });
  const next =
    rows.length === limit
      ? `,"webhooks_links":[{"rel":"next","href":"${nextHref(call, all, limit, rows.at(-1)!.id)}"}]`
      : '';
  return `{"webhooks":[${rows.map(({ json }) => json).join(',')}]${next}}`;
}

function nextHref(call: Call, all: boolean, limit: number, marker: string): string {
  const query = new URLSearchParams({
    limit: String(limit),
    marker,
    ...(all ? { all_projects: 'true' } : {}),
  });
  return `${call.linkBase}${call.path}?${query.toString()}`;
}
