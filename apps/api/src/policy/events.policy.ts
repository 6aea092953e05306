import type { PolicyTable } from './policy.js';

/** The events, and the webhooks that they are delivered to. */
export const EVENTS_POLICY: PolicyTable = {
  'GET /scoria/v1/events': { rule: 'scoria:events:get', who: 'reader' },
  'GET /scoria/v1/webhooks': { rule: 'scoria:webhooks:get', who: 'reader' },
  'POST /scoria/v1/webhooks': { rule: 'scoria:webhooks:create', who: 'member' },
  'GET /scoria/v1/webhooks/:id': { rule: 'scoria:webhooks:get', who: 'reader' },
  'PUT /scoria/v1/webhooks/:id': { rule: 'scoria:webhooks:update', who: 'member' },
  'DELETE /scoria/v1/webhooks/:id': { rule: 'scoria:webhooks:delete', who: 'member' },
  'POST /scoria/v1/webhooks/:id/replay': { rule: 'scoria:webhooks:replay', who: 'member' },
  'POST /scoria/v1/webhooks/:id/test': { rule: 'scoria:webhooks:test', who: 'member' },
};
