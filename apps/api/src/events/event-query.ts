import { Fault, isUuid } from '@scoria/domain';
import {
  decodeCursor,
  feedEnds,
  type Database,
  type EventCursor,
  type EventFilter,
  type Tx,
} from '@scoria/store';
import type { Call } from '../frame/call.js';

const KNOWN = new Set(['after', 'limit', 'type', 'resource_type', 'resource_id', 'all_projects']);
const DEFAULT_LIMIT = 100;
const MAX_TYPES = 20;
/** The beginning of a type, or a whole one. */
const TYPE = /^[a-z_.]{1,64}$/;

export interface EventWish {
  /** A cursor, `oldest`, `now`, or undefined. */
  after: string | undefined;
  limit: number;
  filter: EventFilter;
}

/**
 * What a client asks of the feed.
 *
 * @throws Fault `badRequest` for anything that is not understood, `forbidden` for a tenant who asks for all projects
 */
export function readEventWish(call: Call, maxLimit: number): EventWish {
  const unknown = Object.keys(call.query).find((key) => !KNOWN.has(key));
  if (unknown !== undefined) throw new Fault('badRequest', `Invalid parameter ${unknown.slice(0, 64)}.`);
  const all = call.flag('all_projects');
  if (all && !call.context.isAdmin) {
    throw new Fault('forbidden', "Policy doesn't allow events of all projects to be read.");
  }
  const resourceId = one(call, 'resource_id');
  if (resourceId !== undefined && !isUuid(resourceId))
    throw new Fault('badRequest', 'resource_id must be a UUID.');
  return {
    after: one(call, 'after'),
    limit: Math.min(readLimit(one(call, 'limit')), maxLimit),
    filter: {
      projectId: all ? null : call.context.projectId,
      types: readEventTypes(list(call, 'type')),
      resourceType: one(call, 'resource_type')?.slice(0, 64),
      resourceId,
    },
  };
}

/** @throws Fault `badRequest` */
export function readEventTypes(types: readonly string[]): string[] {
  if (types.length > MAX_TYPES) throw new Fault('badRequest', `At most ${MAX_TYPES} types may be named.`);
  const wrong = types.find((type) => !TYPE.test(type));
  if (wrong !== undefined) {
    throw new Fault('badRequest', `${wrong.slice(0, 64)} is not a type of event, nor the beginning of one.`);
  }
  return [...types];
}

/** A cursor that a client has sent; `oldest` and `now` are the ends of what there is. */
export async function placeOf(database: Database | Tx, text: string): Promise<EventCursor> {
  if (text !== 'oldest' && text !== 'now') return decodeCursor(text);
  const { oldest, newest } = await feedEnds(database);
  return text === 'oldest' ? oldest : newest;
}

function one(call: Call, key: string): string | undefined {
  const value = call.query[key];
  return Array.isArray(value) ? value.at(-1) : value;
}

/** Several as `type=a&type=b` or `type=a,b`. */
function list(call: Call, key: string): string[] {
  const value = call.query[key] ?? [];
  return (Array.isArray(value) ? value : [value]).flatMap((text) => text.split(','));
}

function readLimit(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LIMIT;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Fault('badRequest', 'limit must be a positive integer.');
  return Number(text);
}
