import { claimLimitGib, type PoolState } from '@scoria/domain';
import type { Database, Tx } from './database.js';
import { utcTime } from './sql/utc-time.js';

/**
 * What a volume service measured becomes what schedulers may promise. Claims are untouched: measurements correct
 * only the measured. Pools that the backend no longer has are dropped unless something still claims them.
 * Answers the database's time of the report.
 */
export async function publishPools(database: Database, backend: string, pools: PoolState[]): Promise<string> {
  const rows = pools.map((state) => ({ address: state.address, state, limit: claimLimitGib(state) }));
  const [{ now }] = (await database.query<{ now: string }>(PUBLISH, [backend, JSON.stringify(rows)])) as [
    { now: string },
  ];
  return now;
}

/** One statement: placements wait for the rows that it writes. */
const PUBLISH = `
  with reported as materialized (
    select * from jsonb_to_recordset($2::jsonb) as pool(address text, state jsonb, "limit" bigint)),
  written as (
    insert into pools (address, backend, state, claim_limit_gib, reported_at)
    select address, $1, state, "limit", now() from reported order by address
    on conflict (address) do update
      set state = excluded.state, claim_limit_gib = excluded.claim_limit_gib, reported_at = excluded.reported_at),
  gone as (
    delete from pools p
     where backend = $1 and claimed_gib = 0 and volume_count = 0
       and not exists (select from reported r where r.address = p.address)
       and not exists (select from volumes v where v.pool = p.address))
  select ${utcTime('now()')} as now`;

/** Claims what a snapshot will occupy in its volume's pool. False when it has no room left: nothing has changed then. */
export async function claimForSnapshot(
  tx: Tx,
  pool: string,
  snapshotId: string,
  sizeGib: number,
): Promise<boolean> {
  if (!(await lockRoom(tx, pool, sizeGib))) return false;
  await tx.query('insert into claims (pool, snapshot_id, size_gib) values ($1, $2, $3)', [
    pool,
    snapshotId,
    sizeGib,
  ]);
  return true;
}

/**
 * Grows (or gives back the growth of) a volume's claim. False when the pool has no room for the growth: nothing has changed
 * then. `limitGib`: what all claims together may reach, where that is less than the pool's own limit.
 */
export async function resizeClaim(
  tx: Tx,
  pool: string,
  volumeId: string,
  sizeGib: number,
  limitGib = Infinity,
): Promise<boolean> {
  const [claim] = await tx.query<{ size_gib: number }[]>('select size_gib from claims where volume_id = $1', [
    volumeId,
  ]);
  const growth = sizeGib - (claim?.size_gib ?? 0);
  if (growth > 0 && !(await lockRoom(tx, pool, growth, limitGib))) return false;
  await tx.query('update claims set size_gib = $2 where volume_id = $1', [volumeId, sizeGib]);
  return true;
}

export async function releaseClaim(tx: Tx, of: { volumeId: string } | { snapshotId: string }): Promise<void> {
  const [column, id] = 'volumeId' in of ? ['volume_id', of.volumeId] : ['snapshot_id', of.snapshotId];
  await tx.query(`delete from claims where ${column} = $1`, [id]);
}

/**
 * Takes the row of pool $1 if it has room for $2 GiB more, so that nobody claims between the look and the claim. Claims made
 * in the same transaction are added to its sum by a trigger. All claims together may reach the pool's limit, which is of
 * what it can promise thinly, and $3 GiB: a thick volume must not be promised what only others leave unwritten.
 */
export const LOCK_ROOM = `
  select address from pools
   where address = $1 and claimed_gib + $2 <= least(claim_limit_gib, $3::float8)
     for no key update`;

async function lockRoom(tx: Tx, pool: string, sizeGib: number, limitGib = Infinity): Promise<boolean> {
  const rows = await tx.query<unknown[]>(LOCK_ROOM, [pool, sizeGib, limitGib]);
  return rows.length === 1;
}
