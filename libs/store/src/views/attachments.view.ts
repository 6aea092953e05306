import { naiveTime, type ResourceView } from './view.js';

/**
 * What Cinder's volume manager adds to a driver's `data` (cinder-map §4.5). The password is not here: it lies sealed
 * beside it, and whoever shows one connection puts it in.
 */
const CONNECTION_DATA = `a.connection_info->'data' || jsonb_build_object(
  'access_mode', a.mode, 'qos_specs', null, 'encrypted', false, 'cacheable', false, 'enforce_multipath', false)`;

/** The attachments API has it flat, and empty without an export. */
const FLAT_CONNECTION = `case when a.connection_info is null then '{}'::jsonb else ${CONNECTION_DATA} || jsonb_build_object(
  'driver_volume_type', a.connection_info->'driver_volume_type', 'attachment_id', a.id) end`;

/** os-initialize_connection has the data below `data`. */
export const NESTED_CONNECTION = `jsonb_build_object(
  'driver_volume_type', a.connection_info->'driver_volume_type', 'data', ${CONNECTION_DATA})`;

/** Cinder's attachment (cinder-map §1.3, §8.3). */
export const ATTACHMENTS: ResourceView = {
  name: 'attachments',
  kind: 'Volume attachment',
  table: 'attachments',
  alias: 'a',
  fields: [
    { key: 'id', sql: 'a.id', as: 'quoted', summary: true },
    { key: 'status', sql: 'a.status', as: 'quoted', summary: true },
    { key: 'instance', sql: 'a.instance_uuid', summary: true },
    { key: 'volume_id', sql: 'a.volume_id', as: 'quoted', summary: true },
    // Cinder says '' for a time that has not come. What is detached is gone here.
    { key: 'attached_at', sql: `coalesce(${naiveTime('a.attached_at')}, '')`, as: 'quoted' },
    { key: 'detached_at', sql: '""', as: 'constant' },
    { key: 'attach_mode', sql: 'a.mode', as: 'quoted' },
    { key: 'connection_info', sql: FLAT_CONNECTION, as: 'plain' },
  ],
  sortKeys: {
    created_at: { sql: 'a.created_at' },
    updated_at: { sql: `coalesce(a.updated_at, '-infinity')` },
    id: { sql: 'a.id' },
    status: { sql: 'a.status' },
    attach_status: { sql: 'a.status' },
    volume_id: { sql: 'a.volume_id' },
    attached_host: { sql: `coalesce(a.attached_host, '')` },
    instance_uuid: { sql: `coalesce(a.instance_uuid, '')` },
  },
  filters: {
    volume_id: { type: 'uuid', sql: 'a.volume_id', everybody: true },
    status: { type: 'text', sql: 'a.status', everybody: true },
    attach_status: { type: 'text', sql: 'a.status', everybody: true },
    instance_id: { type: 'text', sql: 'a.instance_uuid', everybody: true },
    id: { type: 'uuid', sql: 'a.id' },
    project_id: { type: 'text', sql: 'a.project_id' },
    attached_host: { type: 'text', sql: 'a.attached_host' },
    attach_mode: { type: 'text', sql: 'a.mode' },
  },
};
