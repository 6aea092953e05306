import type { PolicyTable } from './policy.js';

export const QUOTA_POLICY: PolicyTable = {
  'GET /os-quota-sets/:id': { rule: 'volume_extension:quotas:show', who: 'reader' },
  'GET /os-quota-sets/:id/defaults': { rule: 'volume_extension:quotas:show', who: 'reader' },
  'PUT /os-quota-sets/:id': { rule: 'volume_extension:quotas:update', who: 'admin' },
  'DELETE /os-quota-sets/:id': { rule: 'volume_extension:quotas:delete', who: 'admin' },
  'GET /os-quota-class-sets/:id': { rule: 'volume_extension:quota_classes:get', who: 'admin' },
  'PUT /os-quota-class-sets/:id': { rule: 'volume_extension:quota_classes:update', who: 'admin' },
  'GET /limits': { rule: 'limits_extension:used_limits', who: 'reader' },
};
