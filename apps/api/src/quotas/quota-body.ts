import { Fault } from '@scoria/domain';
import { quotaResources, type Limits, type Tx } from '@scoria/store';
import type { Call } from '../frame/call.js';
import { integer } from '../validation/rules.js';
import { invalid, isObject } from '../validation/read-body.js';

/** Keys that old clients send along and that say nothing. */
const IGNORED = new Set(['tenant_id', 'id']);
const MAX_LIMITS = 3000;
const RULE = integer(-1);

/**
 * The limits under `key` of the body: any resource, -1 for none (cinder-map §8.5).
 *
 * @param least how many keys there must be, those included that are ignored
 * @throws Fault `badRequest`
 */
export function readLimits(call: Call, key: string, { least = 0 } = {}): Limits {
  const { body } = call;
  const value = isObject(body) ? body[key] : undefined;
  if (!isObject(body) || !isObject(value) || Object.keys(body).length !== 1) {
    throw invalid('body', body, `'${key}' is a required property, and the only one`);
  }
  if (Object.keys(value).length < least) throw invalid(key, value, '{} does not have enough properties');
  const entries = Object.entries(value).filter(([resource]) => !IGNORED.has(resource));
  if (entries.length > MAX_LIMITS)
    throw new Fault('badRequest', `At most ${MAX_LIMITS} limits may be set at once.`);
  return Object.fromEntries(
    entries.map(([resource, limit]) => {
      const flaw = RULE.check(limit);
      if (flaw !== undefined) throw invalid(resource, limit, flaw);
      return [resource, RULE.convert!(limit) as number];
    }),
  );
}

/** @throws Fault `badRequest` that names what nobody counts */
export async function refuseUnknownResources(tx: Tx, limits: Limits): Promise<void> {
  const known = await quotaResources(tx);
  const unknown = Object.keys(limits).filter((resource) => !known.has(resource));
  if (unknown.length > 0) {
    throw new Fault('badRequest', `Bad key(s) in quota set: ${unknown.join(', ').slice(0, 500)}`);
  }
}
