import { Inject, Injectable } from '@nestjs/common';
import { Fault } from '@scoria/domain';
import { TYPES, TYPES_FOR_TENANTS } from '@scoria/store';
import type { Call } from '../frame/call.js';
import { API_DEPS, type ApiDeps } from '../frame/deps.js';
import { readListQuery } from '../lists/list-query.js';
import { Lists } from '../lists/lists.js';
import { readFlag } from '../validation/booleans.js';

/** `GET /types` (cinder-map §1.6). */
@Injectable()
export class TypeList {
  constructor(
    @Inject(API_DEPS) private readonly deps: ApiDeps,
    @Inject(Lists) private readonly lists: Lists,
  ) {}

  /**
   * Which types are listed depends on `is_public`, which only administrators may ask for: absent or true lists what the
   * caller's project may use, false the private ones, None all (Cinder behaviour).
   */
  run(call: Call): Promise<string> {
    const { isAdmin, projectId } = call.context;
    const view = isAdmin ? TYPES : TYPES_FOR_TENANTS;
    const query = readListQuery(call, view, this.deps.config.api.maxLimit);
    const asked = isAdmin ? readIsPublic(call.query.is_public) : true;
    const filters = query.filters.filter(({ key }) => key !== 'is_public');
    if (asked === false) filters.push({ key: 'is_public', values: ['false'], inexact: false });
    return this.lists.listAs(
      call,
      view,
      { ...query, filters, withCount: false },
      asked === true ? projectId : null,
      { shape: 'detail', path: 'types', key: 'volume_types', linksKey: 'volume_type_links' },
    );
  }
}

function readIsPublic(value: string | string[] | undefined): boolean | null {
  const text = Array.isArray(value) ? value.at(-1) : value;
  if (text === undefined) return true;
  if (text.toLowerCase() === 'none') return null;
  const wanted = readFlag(text);
  if (wanted === undefined) throw new Fault('badRequest', `Invalid is_public filter [${text.slice(0, 64)}]`);
  return wanted;
}
