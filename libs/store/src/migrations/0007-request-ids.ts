import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Indexes for lists of what one request has begun: without them everything that is kept of a project is read, and of all
 * projects for an administrator.
 */
export class RequestIds1763900000070 implements MigrationInterface {
  name = 'RequestIds1763900000070';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of UP) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of DOWN) await runner.query(sql);
  }
}

/** The operations' last: while it is built nothing is claimed or asked for, about a second for a million of them. */
const UP = [
  'create index messages_request on messages (request_id)',
  'create index operations_request on operations (request_id)',
];

const DOWN = ['drop index operations_request', 'drop index messages_request'];
