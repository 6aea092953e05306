import type { Database, Tx } from '../database.js';
import type { HistoryEntry } from '../operations/history.js';
import type { FilterWish } from './filters.js';
import { listRows } from './list-rows.js';
import { OPERATION_VIEW } from './operations.view.js';
import { showRow } from './show-row.js';
import type { Viewer } from './view.js';

/** An operation as an administrator sees it, in the form of `/scoria/v1/operations`. Times are ISO 8601, UTC. */
export interface ShownOperation {
  id: string;
  kind: string;
  version: number;
  state: 'running' | 'undoing' | 'succeeded' | 'failed' | 'cancelled';
  live: boolean;
  resource_type: string;
  resource_id: string;
  project_id: string;
  user_id: string;
  step: string;
  step_number: number;
  attempt: number;
  progress: number;
  cancel_requested: boolean;
  reason: string | null;
  cause: string | null;
  request_id: string;
  trace_id: string | null;
  created_at: string;
  updated_at: string;
  finished_at: string | null;
  due_at: string;
  deadline: string;
  generation: number;
  backend: string | null;
  queue: string;
  owner: {
    worker: string;
    service: string | null;
    host: string | null;
    since: string | null;
    lease_until: string | null;
    alive: boolean;
  } | null;
  /** Absent in lists. */
  history?: HistoryEntry[];
}

/** Sees everything; its links have no base. */
const ADMINISTRATOR: Viewer = {
  projectId: null,
  isAdmin: true,
  minor: 0,
  links: { self: `/scoria/v1/${OPERATION_VIEW.name}/`, bookmark: '' },
};

/** The newest `limit` operations of all projects that match. `filters` are those of the view. */
export async function listShownOperations(
  database: Database,
  filters: readonly FilterWish[],
  limit: number,
): Promise<ShownOperation[]> {
  const { items } = await listRows(database, OPERATION_VIEW, {
    viewer: ADMINISTRATOR,
    shape: 'summary',
    limit,
    offset: 0,
    sort: [{ key: 'created_at', direction: 'desc' }],
    filters,
    withCount: false,
  });
  return JSON.parse(`[${items}]`) as ShownOperation[];
}

/** @throws Fault `notFound` */
export async function findShownOperation(from: Database | Tx, id: string): Promise<ShownOperation> {
  return JSON.parse(await showRow(from, OPERATION_VIEW, ADMINISTRATOR, id)) as ShownOperation;
}
