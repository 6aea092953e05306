import type { PolicyTable } from './policy.js';

/** What operators look at and switch, and what every client may ask about the service. */
export const OPERATIONS_POLICY: PolicyTable = {
  'GET /os-services': { rule: 'volume_extension:services:index', who: 'admin' },
  'PUT /os-services/enable': { rule: 'volume_extension:services:update', who: 'admin' },
  'PUT /os-services/disable': { rule: 'volume_extension:services:update', who: 'admin' },
  'PUT /os-services/disable-log-reason': { rule: 'volume_extension:services:update', who: 'admin' },
  'PUT /os-services/get-log': { rule: 'volume_extension:services:update', who: 'admin' },
  'PUT /os-services/set-log': { rule: 'volume_extension:services:update', who: 'admin' },
  'GET /os-hosts': { rule: 'volume_extension:hosts', who: 'admin' },
  'GET /scheduler-stats/get_pools': { rule: 'scheduler_extension:scheduler_stats:get_pools', who: 'admin' },
  'GET /capabilities/:host': { rule: 'volume_extension:capabilities', who: 'admin' },
  'GET /os-availability-zone': { rule: 'availability zones', who: 'any' },
  'GET /messages': { rule: 'message:get_all', who: 'reader' },
  'GET /messages/:id': { rule: 'message:get', who: 'reader' },
  'DELETE /messages/:id': { rule: 'message:delete', who: 'member' },
  'GET /extensions': { rule: 'extensions', who: 'any' },
  'GET /extensions/:alias': { rule: 'extensions', who: 'any' },
  'GET /resource_filters': { rule: 'resource filters', who: 'any' },
};
