import type { PolicyTable } from './policy.js';

/** Scoria's own: what it is doing, and whether it agrees with itself. The rules' names are Scoria's, too. */
export const OWN_OPERATIONS_POLICY: PolicyTable = {
  'GET /scoria/v1/operations': { rule: 'scoria:operations:list', who: 'reader' },
  'GET /scoria/v1/operations/:id': { rule: 'scoria:operations:show', who: 'reader' },
  'POST /scoria/v1/operations/:id/cancel': { rule: 'scoria:operations:cancel', who: 'member' },
  'POST /scoria/v1/operations/:id/retry': { rule: 'scoria:operations:retry', who: 'member' },
  'POST /scoria/v1/operations/:id/abandon': { rule: 'scoria:operations:abandon', who: 'admin' },
  'GET /scoria/v1/doctor': { rule: 'scoria:doctor', who: 'admin' },
};
