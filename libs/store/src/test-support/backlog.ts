import type { Database } from '../database.js';

/** Adds creates that wait for the schedulers, spread evenly over `projects` (`project 1`, `project 2`, …). */
export async function addBacklog(
  database: Database,
  count: number,
  projects: number,
  prefix = 'project',
): Promise<void> {
  await database.query(
    `insert into operations (id, kind, version, resource_type, resource_id, project_id, user_id, request_id, input,
                             step_name, queue, deadline)
     select gen_random_uuid(), 'volume.create', 1, 'volume', gen_random_uuid(), $3 || ' ' || n % $2::int + 1, 'user',
            'request', '{}', 'place', 'scheduler', now() + interval '1 day'
       from generate_series(1, $1::int) n`,
    [count, projects, prefix],
  );
}
