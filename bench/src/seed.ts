import pg from 'pg';

/** Fills a project with volumes at rest, and lifts its quota. */
export async function seed(databaseUrl: string, volumes: number, project = 'bench'): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(
      `insert into quota_limits (project_id, resource, hard_limit)
       select $1, resource, -1 from unnest(array['volumes', 'gigabytes', 'snapshots']) as resource
       on conflict do nothing`,
      [project],
    );
    const { rows } = await client.query<{ id: string }>(
      `insert into volumes (id, project_id, user_id, name, size, status, volume_type_id, availability_zone, metadata, created_at)
       select gen_random_uuid(), $2, 'bench', 'volume ' || n, 1, 'available',
              (select id from volume_types where name = 'null'), 'nova', '{"purpose": "bench"}', now() - n * interval '1 s'
         from generate_series(1, $1::int) n returning id`,
      [volumes, project],
    );
    await client.query('vacuum analyze volumes');
    return rows.map(({ id }) => id);
  } finally {
    await client.end();
  }
}
