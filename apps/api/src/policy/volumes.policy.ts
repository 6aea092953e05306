import type { PolicyTable } from './policy.js';

export const VOLUME_POLICY: PolicyTable = {
  'GET /volumes': { rule: 'volume:get_all', who: 'reader' },
  'GET /volumes/detail': { rule: 'volume:get_all', who: 'reader' },
  'GET /volumes/summary': { rule: 'volume:get_all', who: 'reader' },
  'POST /volumes': { rule: 'volume:create', who: 'member' },
  'GET /volumes/:id': { rule: 'volume:get', who: 'reader' },
  'PUT /volumes/:id': { rule: 'volume:update', who: 'member' },
  'DELETE /volumes/:id': { rule: 'volume:delete', who: 'member' },
  'GET /volumes/:id/metadata': { rule: 'volume:get_volume_metadata', who: 'reader' },
  'POST /volumes/:id/metadata': { rule: 'volume:create_volume_metadata', who: 'member' },
  'PUT /volumes/:id/metadata': { rule: 'volume:update_volume_metadata', who: 'member' },
  'GET /volumes/:id/metadata/:key': { rule: 'volume:get_volume_metadata', who: 'reader' },
  'PUT /volumes/:id/metadata/:key': { rule: 'volume:update_volume_metadata', who: 'member' },
  'DELETE /volumes/:id/metadata/:key': { rule: 'volume:delete_volume_metadata', who: 'member' },
  'GET /volumes/:id/encryption': { rule: 'volume_extension:volume_encryption_metadata', who: 'reader' },
  'GET /volumes/:id/encryption/:key': { rule: 'volume_extension:volume_encryption_metadata', who: 'reader' },
  'POST /volumes/:id/action': { rule: 'the action itself', who: 'any' },
  'POST /volumes/:id/action os-extend': { rule: 'volume:extend', who: 'member' },
  'POST /volumes/:id/action os-set_bootable': { rule: 'volume:update', who: 'member' },
  'POST /volumes/:id/action os-update_readonly_flag': { rule: 'volume:update_readonly_flag', who: 'member' },
  'POST /volumes/:id/action os-set_image_metadata': {
    rule: 'volume_extension:volume_image_metadata:set',
    who: 'member',
  },
  'POST /volumes/:id/action os-unset_image_metadata': {
    rule: 'volume_extension:volume_image_metadata:remove',
    who: 'member',
  },
  'POST /volumes/:id/action os-show_image_metadata': {
    rule: 'volume_extension:volume_image_metadata:show',
    who: 'reader',
  },
  'POST /volumes/:id/action os-volume_upload_image': {
    rule: 'volume_extension:volume_actions:upload_image',
    who: 'member',
  },
  'POST /volumes/:id/action os-reset_status': {
    rule: 'volume_extension:volume_admin_actions:reset_status',
    who: 'admin',
  },
  'POST /volumes/:id/action os-force_delete': {
    rule: 'volume_extension:volume_admin_actions:force_delete',
    who: 'admin',
  },
};
