import type { Database } from '../database.js';

/** Count, GiB and, from 3.36, the distinct metadata values of a project's volumes (null: of all), as wire JSON. */
export async function volumeSummary(
  database: Database,
  projectId: string | null,
  withMetadata: boolean,
): Promise<string> {
  const metadata = `, 'metadata', (
      select coalesce(json_object_agg(key, list), '{}'::json) from (
        select m.key, json_agg(distinct m.value) as list
          from volumes o, jsonb_each_text(o.metadata) m
         where $1::text is null or o.project_id = $1 group by m.key) metadata)`;
  const [row] = await database.query<{ item: string }>(
    `select json_build_object('total_count', count(*), 'total_size', coalesce(sum(v.size), 0)
              ${withMetadata ? metadata : ''})::text as item
       from volumes v where $1::text is null or v.project_id = $1`,
    [projectId],
  );
  return row!.item;
}
