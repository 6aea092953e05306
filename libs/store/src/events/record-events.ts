import type { ChangeEvent } from '@scoria/domain';
import type { Tx } from '../database.js';
import { factsOf } from './resource-facts.js';
import { wroteEvents } from './wrote-events.js';

/** A change that is not an operation. Its type begins with what it is about. */
export interface NewEvent {
  type: ChangeEvent;
  resourceId: string | null;
  /** Whose it is; null: the whole cloud's, for administrators. */
  projectId: string | null;
  /** Beside what the resource's row says. Never a secret, never where things are stored. */
  payload?: Readonly<Record<string, unknown>>;
}

/** Writes events in the transaction of the change that they tell of, when the rows are as it leaves them. One statement. */
export async function recordEvents(
  tx: Tx,
  events: readonly NewEvent[],
  requestId: string | null,
): Promise<void> {
  if (events.length === 0) return;
  await tx.query(
    `insert into events (type, project_id, resource_type, resource_id, request_id, payload)
     select e.type, e."projectId", split_part(e.type, '.', 1), e."resourceId", $2,
            coalesce(${factsOf(`split_part(e.type, '.', 1)`, 'e."resourceId"')}, '{}') || coalesce(e.payload, '{}')
       from jsonb_to_recordset($1::jsonb) as e(type text, "projectId" text, "resourceId" uuid, payload jsonb)`,
    [JSON.stringify(events), requestId],
  );
  wroteEvents(tx);
}
