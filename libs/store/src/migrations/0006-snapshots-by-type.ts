import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Whether a snapshot has a type is asked with the type's row locked, and again when the type is deleted: without an index
 * all snapshots are walked through. Not built concurrently: that would wait for a second migration, which waits for this
 * one. Writers of snapshots wait for the build, about a second for a million.
 */
export class SnapshotsByType1763900000060 implements MigrationInterface {
  name = 'SnapshotsByType1763900000060';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create index snapshots_type on snapshots (volume_type_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index snapshots_type');
  }
}
