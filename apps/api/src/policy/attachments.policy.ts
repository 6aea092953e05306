import type { PolicyTable } from './policy.js';

const legacy = (name: string): string => `volume_extension:volume_actions:${name}`;

export const ATTACHMENT_POLICY: PolicyTable = {
  // Cinder has no rules for reading them: a token is enough, and rows are the project's.
  'GET /attachments': { rule: 'volume:attachment_get_all', who: 'any' },
  'GET /attachments/detail': { rule: 'volume:attachment_get_all', who: 'any' },
  'GET /attachments/:id': { rule: 'volume:attachment_get', who: 'any' },
  'POST /attachments': { rule: 'volume:attachment_create', who: 'member' },
  'PUT /attachments/:id': { rule: 'volume:attachment_update', who: 'member' },
  'DELETE /attachments/:id': { rule: 'volume:attachment_delete', who: 'member' },
  'POST /attachments/:id/action': { rule: 'the action itself', who: 'any' },
  'POST /attachments/:id/action os-complete': { rule: 'volume:attachment_complete', who: 'member' },
  'POST /volumes/:id/action os-reserve': { rule: legacy('reserve'), who: 'member' },
  'POST /volumes/:id/action os-unreserve': { rule: legacy('unreserve'), who: 'member' },
  'POST /volumes/:id/action os-begin_detaching': { rule: legacy('begin_detaching'), who: 'member' },
  'POST /volumes/:id/action os-roll_detaching': { rule: legacy('roll_detaching'), who: 'member' },
  'POST /volumes/:id/action os-attach': { rule: legacy('attach'), who: 'member' },
  'POST /volumes/:id/action os-detach': { rule: legacy('detach'), who: 'member' },
  'POST /volumes/:id/action os-initialize_connection': {
    rule: legacy('initialize_connection'),
    who: 'member',
  },
  'POST /volumes/:id/action os-terminate_connection': { rule: legacy('terminate_connection'), who: 'member' },
  'POST /volumes/:id/action os-force_detach': {
    rule: 'volume_extension:volume_admin_actions:force_detach',
    who: 'admin',
  },
};
