import type { HistoryEntry, ShownOperation } from '@scoria/store';
import { ago, clipped, table } from './table.js';

/** Characters of a reason in a table. */
const REASON = 70;

/** One line an operation. */
export function operationTable(operations: readonly ShownOperation[]): string {
  if (operations.length === 0) return 'No operation.';
  const rows = operations.map((operation) => [
    operation.id,
    operation.kind,
    operation.resource_id,
    stateOf(operation),
    operation.live ? `${operation.step} (${operation.attempt})` : '',
    ago(operation.created_at),
    operation.live ? placeOf(operation) : '',
    clipped(operation.cause ?? operation.reason, REASON),
  ]);
  return table(['ID', 'KIND', 'RESOURCE', 'STATE', 'STEP (FAILED)', 'AGE', 'WHERE', 'REASON'], rows);
}

/** Everything about one, with its story. */
export function operationText(operation: ShownOperation): string {
  const { owner } = operation;
  const facts: [string, string | null][] = [
    ['operation', operation.id],
    ['kind', `${operation.kind} ${operation.version}`],
    [operation.resource_type, operation.resource_id],
    ['project, user', `${operation.project_id}, ${operation.user_id}`],
    ['state', stateOf(operation)],
    [
      'step',
      `${operation.step_number} ${operation.step}, ${operation.attempt} failed, ${operation.progress} %`,
    ],
    ['worker', owner && `${owner.service ?? '?'} on ${owner.host ?? '?'}, ${owner.worker}`],
    ['lease', owner && (owner.alive ? 'held' : 'passed: the next worker of the queue takes over')],
    ['queue', operation.queue],
    ['backend', operation.backend],
    ['reason', operation.reason],
    ['cause', operation.cause],
    ['request', operation.request_id],
    ['trace', operation.trace_id],
    ['created', `${operation.created_at} (${ago(operation.created_at)})`],
    ['finished', operation.finished_at && `${operation.finished_at} (${ago(operation.finished_at)})`],
    ['due', operation.live ? `${operation.due_at} (${ago(operation.due_at)})` : null],
    ['deadline', operation.live ? `${operation.deadline} (${ago(operation.deadline)})` : null],
  ];
  const shown = facts.filter(([, value]) => value !== null).map(([name, value]) => [name, value!]);
  const width = Math.max(...shown.map(([name]) => name!.length));
  const lines = shown.map(([name, value]) => `${name!.padEnd(width)}  ${value}`);
  return `${lines.join('\n')}\n\n${historyTable(operation.history ?? [])}`;
}

function historyTable(history: readonly HistoryEntry[]): string {
  if (history.length === 0) return 'No step has come out yet.';
  const rows = history.map((entry) => [
    entry.at,
    entry.phase === 'undo' ? `undo ${entry.step}` : entry.step,
    entry.times === undefined ? entry.outcome : `${entry.outcome} ×${entry.times}`,
    entry.host === undefined ? (entry.worker ?? '') : `${entry.service} on ${entry.host}`,
    clipped(entry.cause ?? entry.reason, REASON),
  ]);
  return table(['AT', 'STEP', 'OUTCOME', 'WORKER', 'REASON'], rows);
}

function stateOf({ state, live, owner, cancel_requested: cancelled }: ShownOperation): string {
  if (!live) return state;
  const what = owner === null ? `${state}, waits` : state;
  return cancelled ? `${what}, to be cancelled` : what;
}

const placeOf = ({ owner, queue }: ShownOperation): string =>
  owner === null ? queue : `${owner.service ?? '?'} on ${owner.host ?? '?'}${owner.alive ? '' : ' (gone)'}`;
