import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Indexes for claims that take turns between projects, and a bound of what a project may have waiting. `operations_due`,
 * by which the release before this one claims, goes with the release after it.
 */
export class FairClaims1763900000040 implements MigrationInterface {
  name = 'FairClaims1763900000040';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of UP) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of DOWN) await runner.query(sql);
  }
}

const UP = [
  // What nobody holds, by project: a claim steps from project to project without reading what lies between.
  `create index operations_waiting on operations (queue, project_id, due_at) where live and owner is null`,
  // What somebody holds or held: a few rows for each worker, whatever waits.
  `create index operations_held on operations (queue, due_at) where live and owner is not null`,

  // A bound of each project's backlog. Counted only as far as the limit, in an index that holds what is live and nothing
  // else; no counter is kept, on whose row all operations of a project would wait for each other. Of requests at the same
  // moment each may see the other not yet, so the limit may be passed by as many as are open at once.
  `create index operations_live on operations (project_id) where live`,
  `create function refuse_too_many_live() returns trigger language plpgsql as $$
   declare
     allowed bigint := nullif(current_setting('scoria.max_live_per_project', true), '');
   begin
     if allowed is not null then
       perform from operations where live and project_id = new.project_id offset allowed - 1 limit 1;
       if found then
         raise exception 'too many live operations' using errcode = 'SC003', detail = allowed::text;
       end if;
     end if;
     return new;
   end $$`,
  `create trigger operations_bounded before insert on operations
     for each row execute function refuse_too_many_live()`,
];

const DOWN = [
  'drop trigger operations_bounded on operations',
  'drop function refuse_too_many_live',
  'drop index operations_live',
  'drop index operations_held',
  'drop index operations_waiting',
];
