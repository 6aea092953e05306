import type { PolicyTable } from './policy.js';

export const SNAPSHOT_POLICY: PolicyTable = {
  'GET /snapshots': { rule: 'volume:get_all_snapshots', who: 'reader' },
  'GET /snapshots/detail': { rule: 'volume:get_all_snapshots', who: 'reader' },
  'POST /snapshots': { rule: 'volume:create_snapshot', who: 'member' },
  'GET /snapshots/:id': { rule: 'volume:get_snapshot', who: 'reader' },
  'PUT /snapshots/:id': { rule: 'volume:update_snapshot', who: 'member' },
  'DELETE /snapshots/:id': { rule: 'volume:delete_snapshot', who: 'member' },
  'GET /snapshots/:id/metadata': { rule: 'volume:get_snapshot_metadata', who: 'reader' },
  'POST /snapshots/:id/metadata': { rule: 'volume:update_snapshot_metadata', who: 'member' },
  'PUT /snapshots/:id/metadata': { rule: 'volume:update_snapshot_metadata', who: 'member' },
  'GET /snapshots/:id/metadata/:key': { rule: 'volume:get_snapshot_metadata', who: 'reader' },
  'PUT /snapshots/:id/metadata/:key': { rule: 'volume:update_snapshot_metadata', who: 'member' },
  'DELETE /snapshots/:id/metadata/:key': { rule: 'volume:delete_snapshot_metadata', who: 'member' },
  'POST /snapshots/:id/action': { rule: 'the action itself', who: 'any' },
  'POST /snapshots/:id/action os-reset_status': {
    rule: 'volume_extension:snapshot_admin_actions:reset_status',
    who: 'admin',
  },
  'POST /snapshots/:id/action os-force_delete': {
    rule: 'volume_extension:snapshot_admin_actions:force_delete',
    who: 'admin',
  },
  'POST /snapshots/:id/action os-update_snapshot_status': {
    rule: 'snapshot_extension:snapshot_actions:update_snapshot_status',
    who: 'member',
  },
};
