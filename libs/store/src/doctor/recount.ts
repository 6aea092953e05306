import type { Database } from '../database.js';
import { ALL_TYPES } from '../sql/all-types.js';

/** Rows that were corrected. */
export interface Recounted {
  claims: number;
  pools: number;
  usages: number;
}

/**
 * Makes the kept sums equal to their rows again: claims of volumes at rest, claimed capacity of pools, usage of projects.
 * Triggers keep them, so only a change around the triggers (a hand in the database, a restored dump) makes this needed.
 * Nothing else is written meanwhile: writers wait for the moment that it takes.
 */
export async function recount(database: Database): Promise<Recounted> {
  return database.transaction(async (tx) => {
    await tx.query('lock table volumes, snapshots, claims, pools, usages in share row exclusive mode');
    const changed = async (sql: string): Promise<number> => {
      const [{ n }] = await tx.query<[{ n: number }]>(
        `with changed as (${sql} returning 1) select count(*)::int as n from changed`,
      );
      return n;
    };
    // The claims' own trigger would refuse what is over a pool's limit, and its sums are made anew below.
    await tx.query('alter table claims disable trigger claims_account');
    const claims =
      (await changed(
        `delete from claims c using volumes v where v.id = c.volume_id and v.operation_id is null and v.pool is null`,
      )) +
      (await changed(
        `insert into claims (pool, volume_id, size_gib)
         select v.pool, v.id, v.size from volumes v where v.operation_id is null and v.pool is not null
            and not (v.status = 'error_extending'
                     and exists (select from claims c where c.volume_id = v.id and c.pool = v.pool and c.size_gib > v.size))
             on conflict (volume_id) do update set pool = excluded.pool, size_gib = excluded.size_gib
          where (claims.pool, claims.size_gib) <> (excluded.pool, excluded.size_gib)`,
      ));
    const pools = await changed(
      `update pools p set claimed_gib = s.gib, volume_count = s.volumes
         from (select q.address, coalesce(sum(c.size_gib), 0) as gib, count(c.volume_id) as volumes
                 from pools q left join claims c on c.pool = q.address group by q.address) s
        where s.address = p.address and (p.claimed_gib, p.volume_count) <> (s.gib, s.volumes)`,
    );
    const usages = await changed(
      `insert into usages (project_id, volume_type_id, volumes, snapshots, gigabytes, reserved_gigabytes)
       with own as (
         select project_id, 1 v, 0 s, size g, greatest(coalesce(pending_size, size) - size, 0) r, volume_type_id t
           from volumes where consumes_quota
         union all select project_id, 0, 1, volume_size, 0, volume_type_id from snapshots where consumes_quota
         union all select project_id, 0, 0, 0, 0, volume_type_id from usages),
       each as (select * from own union all select project_id, v, s, g, r, '${ALL_TYPES}' from own where t <> '${ALL_TYPES}')
       select project_id, t, sum(v), sum(s), sum(g), sum(r) from each group by 1, 2
           on conflict (project_id, volume_type_id) do update
          set volumes = excluded.volumes, snapshots = excluded.snapshots, gigabytes = excluded.gigabytes,
              reserved_gigabytes = excluded.reserved_gigabytes
        where (usages.volumes, usages.snapshots, usages.gigabytes, usages.reserved_gigabytes)
           <> (excluded.volumes, excluded.snapshots, excluded.gigabytes, excluded.reserved_gigabytes)`,
    );
    await tx.query('alter table claims enable trigger claims_account');
    return { claims, pools, usages };
  });
}
