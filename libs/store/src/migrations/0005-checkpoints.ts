import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * How far the current step of an operation has come. The database itself forgets it when the operation leaves the step,
 * whoever moves it: a process of the release before, too, which knows nothing of checkpoints.
 */
export class Checkpoints1763900000050 implements MigrationInterface {
  name = 'Checkpoints1763900000050';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of UP) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of DOWN) await runner.query(sql);
  }
}

const UP = [
  'alter table operations add column checkpoint jsonb',
  // Not valid: nothing has to be looked through, and what is written from now on is checked all the same.
  `alter table operations add constraint operations_checkpoint_small
     check (length(checkpoint::text) <= 16384) not valid`,
  `create function forget_checkpoint() returns trigger language plpgsql as $$
   begin
     new.checkpoint := null;
     return new;
   end $$`,
  `create trigger operations_checkpoint before update on operations for each row
     when (new.checkpoint is not null and (old.step, old.state) is distinct from (new.step, new.state))
     execute function forget_checkpoint()`,
];

const DOWN = [
  'drop trigger operations_checkpoint on operations',
  'drop function forget_checkpoint',
  'alter table operations drop column checkpoint',
];
