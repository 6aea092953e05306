import type { Tx } from '../database.js';
import type { Finding } from './report.js';
import type { RowCheck } from './row-check.js';

export interface RowCheckOptions {
  /** Subjects to name of each finding; all are counted. */
  limit: number;
  /** `scheduler.serviceDownSeconds`. */
  downSeconds: number;
}

interface FoundRow {
  subject: string;
  detail: string;
  total: number;
}

/**
 * What the checks find, one statement each. Give it a transaction that sees one moment (repeatable read), or what is
 * true of two moments may be told as a contradiction.
 */
export async function runRowChecks(
  tx: Tx,
  checks: readonly RowCheck[],
  { limit, downSeconds }: RowCheckOptions,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { name, finds, mend, note, sql } of checks) {
    const rows = await tx.query<FoundRow[]>(
      `with asked as (select $1::int as most, $2::float8 as down_seconds)
       select subject, left(detail, 500) as detail, count(*) over ()::int as total
         from (${sql}) found order by subject limit (select most from asked)`,
      [limit, downSeconds],
    );
    if (rows.length === 0) continue;
    findings.push({
      check: name,
      level: note ? 'note' : 'wrong',
      finds,
      mend,
      count: rows[0]!.total,
      subjects: rows.map(({ subject, detail }) => ({ subject, detail })),
    });
  }
  return findings;
}
