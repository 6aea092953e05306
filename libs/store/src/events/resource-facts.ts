type Resource = 'volume' | 'snapshot' | 'attachment' | 'volume_type';

/**
 * SQL of what an event says of its resource: the row as the transaction leaves it, or null when there is none. Tenants
 * read it: no host, no pool, no connector. With a type that is known beforehand, the plan of the statement can be kept.
 */
export const FACTS: Readonly<Record<Resource, (id: string) => string>> = {
  volume: (id) => `(
    select jsonb_build_object('name', r.name, 'status', r.status, 'size', r.size, 'volume_type_id', r.volume_type_id)
      from volumes r where r.id = ${id})`,
  snapshot: (id) => `(
    select jsonb_build_object('name', r.name, 'status', r.status, 'size', r.volume_size, 'volume_id', r.volume_id)
      from snapshots r where r.id = ${id})`,
  attachment: (id) => `(
    select jsonb_build_object('status', r.status, 'volume_id', r.volume_id, 'instance_uuid', r.instance_uuid)
      from attachments r where r.id = ${id})`,
  volume_type: (id) => `(
    select jsonb_build_object('name', r.name, 'is_public', r.is_public) from volume_types r where r.id = ${id})`,
};

/** The same for a type that a row tells. */
export const factsOf = (resourceType: string, id: string): string =>
  `case ${resourceType} ${Object.entries(FACTS)
    .map(([type, facts]) => `when '${type}' then ${facts(id)}`)
    .join(' ')} end`;
