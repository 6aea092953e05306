/**
 * What an event says of its resource: the row as the transaction leaves it, or null when there is none. Tenants read it: no
 * host, no pool, no connector.
 */
export const factsOf = (resourceType: string, resourceId: string): string => `
  case ${resourceType}
    when 'volume' then (
      select jsonb_build_object('name', r.name, 'status', r.status, 'size', r.size, 'volume_type_id', r.volume_type_id)
        from volumes r where r.id = ${resourceId})
    when 'snapshot' then (
      select jsonb_build_object('name', r.name, 'status', r.status, 'size', r.volume_size, 'volume_id', r.volume_id)
        from snapshots r where r.id = ${resourceId})
    when 'attachment' then (
      select jsonb_build_object('status', r.status, 'volume_id', r.volume_id, 'instance_uuid', r.instance_uuid)
        from attachments r where r.id = ${resourceId})
    when 'volume_type' then (
      select jsonb_build_object('name', r.name, 'is_public', r.is_public) from volume_types r where r.id = ${resourceId})
  end`;
