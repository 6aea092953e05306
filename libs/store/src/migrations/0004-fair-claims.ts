import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Indexes for claims that take turns between projects. `operations_due`, by which the release before this one claims,
 * goes with the release after it.
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
];

const DOWN = ['drop index operations_held', 'drop index operations_waiting'];
