import type { Database, Tx } from '../database.js';

/** What a key was used for, and what was answered. */
export interface StoredAnswer {
  /** Of method, path and body; another one under the same key is a client's mistake. */
  fingerprint: string;
  /** Null while the answer still depends on an operation. */
  statusCode: number | null;
  /** The exact text, or what is needed to work the answer out. */
  body: string | null;
}

/** Hours after which a key is forgotten. */
const RETENTION_HOURS = 24;

/** Keys removed by one statement at most, so that it never holds anyone up. */
const CLEANUP_ROWS = 500;

/** Takes the key until the transaction ends. False when another transaction has it: the first request still runs. */
export async function takeIdempotencyKey(tx: Tx, projectId: string, key: string): Promise<boolean> {
  const [{ taken }] = await tx.query<[{ taken: boolean }]>(
    'select pg_try_advisory_xact_lock(hashtextextended($1, 7)) as taken',
    [`${projectId} ${key}`],
  );
  return taken;
}

export async function findStoredAnswer(
  from: Database | Tx,
  projectId: string,
  key: string,
): Promise<StoredAnswer | undefined> {
  const rows = (await from.query(
    `select fingerprint, status_code as "statusCode", body #>> '{}' as body from idempotency_keys
      where project_id = $1 and key = $2 and created_at > now() - make_interval(hours => $3)`,
    [projectId, key, RETENTION_HOURS],
  )) as StoredAnswer[];
  return rows[0];
}

/** Writes the answer down in the transaction of the effect. */
export async function storeAnswer(
  tx: Tx,
  projectId: string,
  key: string,
  answer: StoredAnswer,
): Promise<void> {
  await tx.query(
    `insert into idempotency_keys (project_id, key, fingerprint, status_code, body)
     values ($1, $2, $3, $4, to_jsonb($5::text))
     on conflict (project_id, key) do update
       set fingerprint = excluded.fingerprint, status_code = excluded.status_code, body = excluded.body,
           created_at = now()`,
    [projectId, key, answer.fingerprint, answer.statusCode, answer.body],
  );
}

/** The answer is known now: an operation it depended on has ended. */
export async function completeAnswer(
  database: Database,
  projectId: string,
  key: string,
  statusCode: number,
  body: string | null,
): Promise<void> {
  await database.query(
    `update idempotency_keys set status_code = $3, body = to_jsonb($4::text)
      where project_id = $1 and key = $2 and status_code is null`,
    [projectId, key, statusCode, body],
  );
}

/** Forgets old keys, a bounded number at a time. Answers whether there may be more. */
export async function forgetOldKeys(database: Database): Promise<{ more: boolean }> {
  const rows = await database.query<{ n: number }>(
    `with old as (
       delete from idempotency_keys where ctid = any(array(
         select ctid from idempotency_keys where created_at < now() - make_interval(hours => $1)
          order by created_at limit $2))
       returning 1)
     select count(*)::int as n from old`,
    [RETENTION_HOURS, CLEANUP_ROWS],
  );
  return { more: rows[0]!.n === CLEANUP_ROWS };
}
