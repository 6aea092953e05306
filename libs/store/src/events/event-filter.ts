import { WEBHOOK_TEST } from '@scoria/domain';
import type { Parameters } from '../views/parameters.js';

/** Which events somebody wants to see. */
export interface EventFilter {
  /** Whose; null: everybody's and the cloud's. */
  projectId: string | null;
  /** Beginnings of types; none: all types. */
  types: readonly string[];
  resourceType?: string | undefined;
  resourceId?: string | undefined;
  /** The webhook that reads: other webhooks' tests are not for it, and its own are whatever its types say. */
  webhookId?: string;
}

/** What a filter looks at. */
export interface FilteredEvent {
  projectId: string | null;
  type: string;
  resourceType: string;
  resourceId: string | null;
}

/** The same as `filterSql`, for events in memory. */
export function matches(filter: EventFilter, event: FilteredEvent): boolean {
  const { projectId, types, resourceType, resourceId, webhookId } = filter;
  if (projectId !== null && event.projectId !== projectId) return false;
  if (webhookId !== undefined && event.type === WEBHOOK_TEST) return event.resourceId === webhookId;
  if (resourceType !== undefined && event.resourceType !== resourceType) return false;
  if (resourceId !== undefined && event.resourceId !== resourceId) return false;
  return types.length === 0 || types.some((prefix) => event.type.startsWith(prefix));
}

/** Conditions on a row `e` of `events` that is of the project; '' when there are none. */
export function filterSql(filter: EventFilter, parameters: Parameters): string {
  const { types, resourceType, resourceId, webhookId } = filter;
  const wanted = [
    ...(types.length > 0
      ? [`exists (select from unnest(${parameters.add(types)}::text[]) p where starts_with(e.type, p))`]
      : []),
    ...(resourceType !== undefined ? [`e.resource_type = ${parameters.add(resourceType)}`] : []),
    ...(resourceId !== undefined ? [`e.resource_id = ${parameters.add(resourceId)}::uuid`] : []),
  ].join(' and ');
  const test = `e.type = '${WEBHOOK_TEST}'`;
  return webhookId === undefined
    ? wanted
    : `case when ${test} then e.resource_id = ${parameters.add(webhookId)}::uuid else ${wanted || 'true'} end`;
}
