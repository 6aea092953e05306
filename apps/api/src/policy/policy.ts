import type { Persona } from '@scoria/identity';
import { ATTACHMENT_POLICY } from './attachments.policy.js';
import { EVENTS_POLICY } from './events.policy.js';
import { OPERATIONS_POLICY } from './operations.policy.js';
import { OWN_OPERATIONS_POLICY } from './own-operations.policy.js';
import { PLATFORM_POLICY } from './platform.policy.js';
import { QUOTA_POLICY } from './quotas.policy.js';
import { SNAPSHOT_POLICY } from './snapshots.policy.js';
import { TYPE_POLICY } from './types.policy.js';
import { VOLUME_POLICY } from './volumes.policy.js';

/** Who may use a route: Cinder's rule and its default persona (cinder-map §9). `any` needs a valid token only. */
export interface RoutePolicy {
  rule: string;
  who: Persona | 'any' | 'public';
}

/**
 * `METHOD /path` without `/v3` and project, an action as `METHOD /path action-key`. A route that is not listed here does
 * not start.
 */
export type PolicyTable = Record<string, RoutePolicy>;

export const POLICY: PolicyTable = {
  ...PLATFORM_POLICY,
  ...VOLUME_POLICY,
  ...SNAPSHOT_POLICY,
  ...ATTACHMENT_POLICY,
  ...TYPE_POLICY,
  ...QUOTA_POLICY,
  ...OPERATIONS_POLICY,
  ...OWN_OPERATIONS_POLICY,
  ...EVENTS_POLICY,
};
