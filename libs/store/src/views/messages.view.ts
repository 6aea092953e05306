import { LINKS, naiveTime, type ResourceView } from './view.js';

/** Cinder's user message (cinder-map §1.13, §10.3). */
export const MESSAGES: ResourceView = {
  name: 'messages',
  kind: 'Message',
  table: 'messages',
  alias: 'm',
  where: 'm.expires_at > now()',
  fields: [
    { key: 'id', sql: 'm.id', as: 'quoted' },
    { key: 'event_id', sql: 'm.event_id' },
    { key: 'user_message', sql: 'm.user_message' },
    { key: 'message_level', sql: 'm.message_level' },
    { key: 'created_at', sql: naiveTime('m.created_at'), as: 'quoted' },
    { key: 'guaranteed_until', sql: naiveTime('m.expires_at'), as: 'quoted' },
    { key: 'request_id', sql: 'm.request_id' },
    { key: 'resource_type', sql: 'm.resource_type' },
    { key: 'resource_uuid', sql: 'm.resource_uuid', as: 'quoted' },
    { key: 'links', sql: LINKS },
  ],
  sortKeys: {
    created_at: { sql: 'm.created_at' },
    id: { sql: 'm.id' },
    event_id: { sql: 'm.event_id' },
    resource_type: { sql: 'm.resource_type' },
    resource_uuid: { sql: `coalesce(m.resource_uuid::text, '')` },
    message_level: { sql: 'm.message_level' },
    request_id: { sql: 'm.request_id' },
  },
  filters: {
    resource_uuid: { type: 'uuid', sql: 'm.resource_uuid', everybody: true },
    resource_type: { type: 'text', sql: 'm.resource_type', everybody: true },
    event_id: { type: 'text', sql: 'm.event_id', everybody: true },
    request_id: { type: 'text', sql: 'm.request_id', everybody: true },
    message_level: { type: 'text', sql: 'm.message_level', everybody: true },
    id: { type: 'uuid', sql: 'm.id' },
    project_id: { type: 'text', sql: 'm.project_id' },
  },
};
