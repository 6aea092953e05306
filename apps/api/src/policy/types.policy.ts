import type { PolicyTable } from './policy.js';

export const TYPE_POLICY: PolicyTable = {
  'GET /types': { rule: 'volume_extension:type_get_all', who: 'reader' },
  'GET /types/default': { rule: 'volume_extension:type_get', who: 'reader' },
  'GET /types/:id': { rule: 'volume_extension:type_get', who: 'reader' },
  'POST /types': { rule: 'volume_extension:type_create', who: 'admin' },
  'PUT /types/:id': { rule: 'volume_extension:type_update', who: 'admin' },
  'DELETE /types/:id': { rule: 'volume_extension:type_delete', who: 'admin' },
  'GET /types/:id/extra_specs': { rule: 'volume_extension:types_extra_specs:index', who: 'reader' },
  'GET /types/:id/extra_specs/:key': { rule: 'volume_extension:types_extra_specs:show', who: 'reader' },
  'POST /types/:id/extra_specs': { rule: 'volume_extension:types_extra_specs:create', who: 'admin' },
  'PUT /types/:id/extra_specs/:key': { rule: 'volume_extension:types_extra_specs:update', who: 'admin' },
  'DELETE /types/:id/extra_specs/:key': { rule: 'volume_extension:types_extra_specs:delete', who: 'admin' },
  'GET /types/:id/os-volume-type-access': {
    rule: 'volume_extension:volume_type_access:get_all_for_type',
    who: 'admin',
  },
  'GET /types/:id/encryption': { rule: 'volume_extension:volume_type_encryption:get', who: 'admin' },
  'POST /types/:id/action': { rule: 'the action itself', who: 'any' },
  'POST /types/:id/action addProjectAccess': {
    rule: 'volume_extension:volume_type_access:addProjectAccess',
    who: 'admin',
  },
  'POST /types/:id/action removeProjectAccess': {
    rule: 'volume_extension:volume_type_access:removeProjectAccess',
    who: 'admin',
  },
};
