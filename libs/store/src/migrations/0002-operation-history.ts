import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Who ran which step of an operation, when and how it came out, on the operation's own row: written by the statements
 * that claim and move it, so that it costs none of its own.
 *
 * `claim` names the worker that has (or last had) the operation, since `workers` forgets the dead. Entries are bounded:
 * the first ten and the newest forty stay. What repeats itself (a wait, an undo that keeps failing) is one entry that
 * counts.
 */
export class OperationHistory1763900000020 implements MigrationInterface {
  name = 'OperationHistory1763900000020';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of UP) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of DOWN) await runner.query(sql);
  }
}

const UP = [
  `alter table operations add column claim jsonb, add column history jsonb not null default '[]'`,
  `create index operations_created on operations (created_at, id)`,

  // A claim by a program of before this migration has no name: its worker's id is kept all the same.
  `create function remember_step(history jsonb, claim jsonb, owner uuid, step text, state text, attempt integer,
                                 generation bigint, outcome text, error jsonb) returns jsonb
   language plpgsql stable as $$
   declare
     changing constant text[] := '{at,since,attempt,generation,times}';
     entry jsonb := case when claim->>'worker' = owner::text then claim else jsonb_build_object('worker', owner) end
       || jsonb_build_object(
            'at', to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'step', step,
            'phase', case state when 'undoing' then 'undo' else 'run' end, 'attempt', attempt,
            'generation', generation, 'outcome', outcome);
     last jsonb;
   begin
     if error is not null then
       entry := entry || jsonb_strip_nulls(jsonb_build_object(
         'reason', left(error->>'message', 300), 'cause', left(error->>'cause', 500)));
     end if;
     if outcome in ('waiting', 'failed') then
       last := history -> -1;
       if last - changing = entry - changing then
         return (history - -1) || (last || jsonb_build_object('at', entry->'at', 'attempt', attempt,
           'generation', generation, 'times', coalesce((last->>'times')::int, 1) + 1));
       end if;
     end if;
     if jsonb_array_length(history) >= 50 then
       history := history - 10;
     end if;
     return history || entry;
   end $$`,
];

const DOWN = [
  'drop function remember_step',
  'drop index operations_created',
  'alter table operations drop column claim, drop column history',
];
