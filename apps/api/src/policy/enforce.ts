import { Fault } from '@scoria/domain';
import { can } from '@scoria/identity';
import type { Call } from '../frame/call.js';
import { POLICY } from './policy.js';

/** @throws Fault `forbidden` unless the caller is who the route is for */
export function enforce(call: Call, route: string): void {
  const policy = POLICY[route];
  if (!policy) throw new Error(`${route} has no policy`);
  if (policy.who === 'any' || policy.who === 'public' || can(call.context, policy.who)) return;
  throw new Fault('forbidden', `Policy doesn't allow ${policy.rule} to be performed.`);
}
