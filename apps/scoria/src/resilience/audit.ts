import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from '@scoria/store';
import type { BesiegedCluster } from './besieged-cluster.js';

/** Each must find nothing. */
const MUST_BE_EMPTY: Readonly<Record<string, string>> = {
  'a volume that is not at rest': `select id, status from volumes
     where status not in ('available', 'in-use', 'error', 'error_deleting', 'error_extending')`,
  'a snapshot that is not at rest': `select id, status from snapshots where status not in ('available', 'error', 'error_deleting')`,
  'an attachment that is not at rest': `select id, status from attachments
     where status not in ('attached', 'error_attaching', 'error_detaching') or operation_id is not null`,
  'a hold of an operation that has ended': 'select * from operation_holds',
  'a failure without a message': `select id, kind, error from operations o where state = 'failed'
     and not exists (select from messages m where m.request_id = o.request_id)`,
  'a request that was done twice': 'select name from volumes group by name having count(*) > 1',
  'a usage that is not the sum of its rows': `with rows as (
       select project_id, 1 v, 0 s, size g, greatest(coalesce(pending_size, size) - size, 0) r, volume_type_id t
         from volumes where consumes_quota
       union all select project_id, 0, 1, volume_size, 0, volume_type_id from snapshots where consumes_quota),
     each as (select * from rows union all
       select project_id, v, s, g, r, '00000000-0000-0000-0000-000000000000' from rows),
     sums as (select project_id, t, sum(v) v, sum(s) s, sum(g) g, sum(r) r from each group by 1, 2)
     select * from usages u full join sums on sums.project_id = u.project_id and t = volume_type_id
      where (coalesce(volumes, 0), coalesce(snapshots, 0), coalesce(gigabytes, 0), coalesce(reserved_gigabytes, 0))
            <> (coalesce(v, 0), coalesce(s, 0), coalesce(g, 0), coalesce(r, 0))`,
  'a pool whose claim is not the sum of its claims': `select address, claimed_gib from pools p
     where claimed_gib <> (select coalesce(sum(size_gib), 0) from claims where pool = p.address)`,
  'a volume whose claim is not its size': `select v.id, v.status, v.size, c.size_gib from volumes v
     full join claims c on c.volume_id = v.id
     where (c.id is null or c.snapshot_id is null) and (v.size, v.pool) is distinct from (c.size_gib, c.pool)
       and not (v.pool is null and c.id is null)`,
};

/** What is not as it should be once everything has come to rest; empty when all is well. */
export async function audit(cluster: BesiegedCluster, database: Database): Promise<string[]> {
  const found: string[] = [];
  for (const [what, sql] of Object.entries(MUST_BE_EMPTY)) {
    for (const row of await database.query(sql)) found.push(`${what}: ${JSON.stringify(row)}`);
  }
  for (const host of ['host1', 'host2']) {
    const pool = `${host}@file#%`;
    const onDisk = (await readdir(join(cluster.dataDir, host, 'volumes', 'file'))).filter(
      (name) => name !== '.scoria-pool',
    );
    const rows = await database.query<{ name: string; status: string }>(
      `select 'volume-' || id as name, status from volumes where pool like $1
       union all select 'snapshot-' || s.id, s.status from snapshots s join volumes v on v.id = s.volume_id where v.pool like $1`,
      [pool],
    );
    const known = new Set(rows.map(({ name }) => name));
    for (const name of onDisk) if (!known.has(name)) found.push(`${host}: on disk without a row: ${name}`);
    for (const { name, status } of rows)
      if (!status.startsWith('error') && !onDisk.includes(name))
        found.push(`${host}: ${status}, not on disk: ${name}`);
    const exported = await database.query<{ id: string }>(
      'select a.id from attachments a join volumes v on v.id = a.volume_id where a.exported and v.pool like $1',
      [pool],
    );
    const served = new Set(await cluster.served(host));
    const wanted = new Set(exported.map(({ id }) => id));
    for (const id of wanted.difference(served))
      found.push(`${host}: an attachment without its export: ${id}`);
    for (const id of served.difference(wanted))
      found.push(`${host}: an export without its attachment: ${id}`);
  }
  return found;
}
