import type { HistoryEntry } from '@scoria/store';
import type { Scene } from '../checks/index.js';
import { linesAbout, toText } from './log-lines.js';

interface Row {
  id: string;
  kind: string;
  state: string;
  step_name: string;
  attempt: number;
  owner: string | null;
  generation: string;
  queue: string;
  request_id: string;
  traceparent: string | null;
  created: number;
  ended: number | null;
  error: unknown;
  history: HistoryEntry[];
}

const MOST_LINES = 60;
const MOST_OPERATIONS = 8;

/** Everything that is known of an operation, or of all operations of a resource: rows, log lines, and what was broken. */
export async function storyOf({ database, field, blows, ledger }: Scene, id: string): Promise<string> {
  const rows = await database.query<Row>(
    `select id, kind, state, step_name, attempt, owner, generation, queue, request_id, traceparent, error, history,
            extract(epoch from created_at)::float8 * 1000 as created,
            extract(epoch from finished_at)::float8 * 1000 as ended
       from operations where id = $1 or resource_id = $1 order by created_at desc limit ${MOST_OPERATIONS}`,
    [id],
  );
  const ids = [id, ...rows.flatMap((row) => [row.id, row.request_id])];
  const lines = await linesAbout(field.logsDir, ids);
  const asked = ledger.accepted.filter(({ resourceId }) => resourceId === id);
  const first = Math.min(...rows.map(({ created }) => created), ...asked.map(({ at }) => at));
  const meanwhile = blows.filter(({ ended }) => (ended ?? Infinity) > first - 10_000);
  return [
    `the story of ${id}`,
    ...asked.map(({ act, at, key, requestId }) => `  asked ${iso(at)}: ${act}, key ${key}, ${requestId}`),
    ...rows
      .reverse()
      .flatMap((row) => [
        `  operation ${row.id} ${row.kind}: ${row.state} at ${row.step_name}, attempt ${row.attempt}, ` +
          `generation ${row.generation}, owner ${row.owner ?? 'none'}, queue ${row.queue}, trace ${row.traceparent?.split('-')[1]}, ` +
          `${iso(row.created)} to ${row.ended === null ? 'now' : iso(row.ended)} ${row.error ? JSON.stringify(row.error) : ''}`,
        ...row.history.map((entry) => `    ${toLine(entry)}`),
      ]),
    ...lines.slice(-MOST_LINES).map((line) => `  ${toText(line)}`),
    `  meanwhile: ${meanwhile
      .slice(0, 30)
      .map(
        (blow) =>
          `${blow.fault.name} ${blow.aim} ${iso(blow.began)} to ${blow.ended ? iso(blow.ended) : 'now'}`,
      )
      .join('; ')}`,
  ].join('\n');
}

/** One try of a step: when, by whom, how it came out. */
const toLine = ({
  at,
  phase,
  step,
  attempt,
  generation,
  outcome,
  times = 1,
  service,
  host,
  cause,
  reason,
}: HistoryEntry) =>
  `${at.slice(11, 23)} ${phase} ${step} ${outcome}${times > 1 ? ` x${times}` : ''}, attempt ${attempt}, generation ${generation}, ` +
  `by ${service ?? 'unknown'} on ${host ?? 'unknown'} ${cause ?? reason ?? ''}`;

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString().slice(11, 23);
