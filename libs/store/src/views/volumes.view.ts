import { LINKS, naiveTime, type ResourceView } from './view.js';

/** Attached ones only, as Cinder shows them. Which host it is concerns administrators and services. */
const attachments = (host: string): string => `(
  select coalesce(json_agg(json_build_object(
           'id', a.volume_id, 'attachment_id', a.id, 'volume_id', a.volume_id, 'server_id', a.instance_uuid,
           'host_name', ${host}, 'device', a.mountpoint, 'attached_at', ${naiveTime('a.attached_at')})
         order by a.attached_at, a.id), '[]'::json)
    from attachments a where a.volume_id = v.id and a.status = 'attached')`;

const SERVICE = `(
  select s.id from pools p join services s on s.host = p.backend and s."binary" = 'cinder-volume'
   where p.address = v.pool)`;

/** Metadata as clients see it: their own and what Cinder calls visible admin metadata. */
export const VISIBLE_METADATA = `
  case when v.readonly is null and v.attached_mode is null then v.metadata
       else v.metadata || jsonb_strip_nulls(jsonb_build_object(
              'readonly', case v.readonly when true then 'True' when false then 'False' end,
              'attached_mode', v.attached_mode)) end`;

/** Cinder's volume (cinder-map §1.1, §2, §8.2, §8.3). */
export const VOLUMES: ResourceView = {
  name: 'volumes',
  kind: 'Volume',
  table: 'volumes',
  alias: 'v',
  joins: 'join volume_types t on t.id = v.volume_type_id',
  fields: [
    { key: 'id', as: 'quoted', sql: 'v.id', summary: true },
    { key: 'name', sql: 'v.name', summary: true },
    { key: 'links', sql: LINKS, summary: true },
    { key: 'status', as: 'quoted', sql: 'v.status' },
    { key: 'size', as: 'plain', sql: 'v.size' },
    { key: 'availability_zone', sql: 'v.availability_zone' },
    { key: 'created_at', as: 'quoted', sql: naiveTime('v.created_at') },
    { key: 'updated_at', as: 'quoted', sql: naiveTime('v.updated_at') },
    { key: 'description', sql: 'v.description' },
    { key: 'volume_type', sql: 't.name' },
    { key: 'snapshot_id', as: 'quoted', sql: 'v.snapshot_id' },
    { key: 'source_volid', as: 'quoted', sql: 'v.source_volid' },
    { key: 'metadata', as: 'plain', sql: VISIBLE_METADATA },
    { key: 'user_id', sql: 'v.user_id' },
    { key: 'bootable', as: 'quoted', sql: 'v.bootable::text' },
    { key: 'encrypted', as: 'constant', sql: 'false' },
    { key: 'replication_status', as: 'constant', sql: 'null' },
    { key: 'consistencygroup_id', as: 'constant', sql: 'null' },
    { key: 'multiattach', as: 'plain', sql: 'v.multiattach' },
    {
      key: 'attachments',
      as: 'plain',
      sql: attachments('null'),
      adminSql: attachments('a.attached_host'),
      services: true,
    },
    { key: 'migration_status', as: 'constant', sql: 'null', admin: true },
    { key: 'group_id', as: 'constant', sql: 'null', since: 13 },
    { key: 'provider_id', as: 'constant', sql: 'null', since: 21, admin: true },
    // Each attachment is a target of its own: no two volumes ever share a session.
    { key: 'shared_targets', as: 'constant', sql: 'false', since: 48 },
    { key: 'service_uuid', as: 'quoted', sql: SERVICE, since: 48 },
    { key: 'cluster_name', as: 'constant', sql: 'null', since: 61, admin: true },
    { key: 'volume_type_id', as: 'quoted', sql: 'v.volume_type_id', since: 63 },
    { key: 'consumes_quota', as: 'plain', sql: 'v.consumes_quota', since: 65 },
    { key: 'os-vol-tenant-attr:tenant_id', sql: 'v.project_id', extension: true },
    { key: 'os-vol-host-attr:host', sql: 'v.pool', admin: true, extension: true },
    { key: 'os-vol-mig-status-attr:migstat', as: 'constant', sql: 'null', admin: true, extension: true },
    { key: 'os-vol-mig-status-attr:name_id', as: 'constant', sql: 'null', admin: true, extension: true },
    {
      key: 'volume_image_metadata',
      as: 'plain',
      sql: 'v.image_metadata',
      onlyIf: `v.image_metadata <> '{}'`,
      extension: true,
    },
  ],
  sortKeys: {
    created_at: { sql: 'v.created_at' },
    updated_at: { sql: `coalesce(v.updated_at, '-infinity')` },
    id: { sql: 'v.id' },
    name: { sql: `coalesce(v.name, '')` },
    display_name: { sql: `coalesce(v.name, '')` },
    status: { sql: 'v.status' },
    size: { sql: 'v.size' },
    availability_zone: { sql: `coalesce(v.availability_zone, '')` },
    bootable: { sql: 'v.bootable' },
  },
  filters: {
    name: { type: 'text', sql: 'v.name', everybody: true },
    display_name: { type: 'text', sql: 'v.name', everybody: true },
    status: { type: 'text', sql: 'v.status', everybody: true },
    metadata: { type: 'metadata', sql: 'v.metadata', everybody: true },
    bootable: { type: 'strictBoolean', sql: 'v.bootable', everybody: true },
    // No volume migrates or belongs to a group here.
    migration_status: { type: 'never', sql: 'null', everybody: true },
    group_id: { type: 'never', sql: 'null', everybody: true, since: 10 },
    availability_zone: { type: 'text', sql: 'v.availability_zone', everybody: true },
    size: { type: 'integer', sql: 'v.size', everybody: true },
    created_at: { type: 'times', sql: 'v.created_at', everybody: true, since: 60 },
    updated_at: { type: 'times', sql: 'v.updated_at', everybody: true, since: 60 },
    consumes_quota: { type: 'boolean', sql: 'v.consumes_quota', everybody: true, since: 65 },
    glance_metadata: { type: 'metadata', sql: 'v.image_metadata', since: 4 },
    host: {
      type: 'text',
      sql: 'v.pool',
      match: `(v.pool = any($) or split_part(v.pool, '#', 1) = any($) or split_part(v.pool, '@', 1) = any($))`,
    },
    id: { type: 'uuid', sql: 'v.id' },
    project_id: { type: 'text', sql: 'v.project_id' },
    user_id: { type: 'text', sql: 'v.user_id' },
    description: { type: 'text', sql: 'v.description' },
    attach_status: { type: 'text', sql: 'v.attach_status' },
    multiattach: { type: 'boolean', sql: 'v.multiattach' },
    snapshot_id: { type: 'uuid', sql: 'v.snapshot_id' },
    source_volid: { type: 'uuid', sql: 'v.source_volid' },
    volume_type_id: { type: 'uuid', sql: 'v.volume_type_id' },
  },
};
