import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Events as a feed that can be read from a cursor, and the webhooks that they are delivered to. */
export class Events1763900000030 implements MigrationInterface {
  name = 'Events1763900000030';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of UP) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of DOWN) await runner.query(sql);
  }
}

const UP = [
  // Ids become visible out of order: the transaction that took a smaller one may commit later. The feed goes by the
  // transaction first, and is read below the oldest one that still runs (docs/events.md). bigint rather than xid8: what
  // is written to a 64-bit transaction id would take longer than disks last to reach 2^63.
  `alter table events
     add column xid bigint not null default (pg_current_xact_id()::text::bigint),
     alter column project_id drop not null,
     alter column resource_id drop not null`,
  `create index events_feed on events (xid, id)`,
  `create index events_project on events (project_id, xid, id)`,

  // The last event that was removed for its age: a cursor before it would miss some.
  `create table event_horizon (
     the_only boolean primary key default true check (the_only),
     xid bigint not null,
     id bigint not null
   )`,
  `insert into event_horizon (xid, id) values (0, 0)`,

  // The cursor (cursor_xid, cursor_id) is what was delivered; until_xid, until_id the end of a batch that is tried again.
  // owner, generation and lease_until say who delivers now. A slow receiver, or one that fails, waits in a lane of its own.
  `create table webhooks (
     id uuid primary key,
     project_id text not null,
     user_id text not null,
     url text not null check (length(url) <= 2048),
     types text[] not null default '{}',
     all_projects boolean not null default false,
     enabled boolean not null default true,
     secret bytea not null,
     cursor_xid bigint not null,
     cursor_id bigint not null,
     until_xid bigint,
     until_id bigint,
     due_at timestamptz not null default now(),
     owner uuid,
     generation bigint not null default 0,
     lease_until timestamptz,
     slow boolean not null default false,
     failures integer not null default 0,
     failing_since timestamptz,
     last_error text,
     disabled_reason text,
     delivered_at timestamptz,
     created_at timestamptz not null default clock_timestamp(),
     updated_at timestamptz,
     check ((failures = 0) = (failing_since is null)),
     check ((until_xid is null) = (until_id is null))
   ) with (fillfactor = 70)`,
  `create index webhooks_due on webhooks (due_at) where enabled`,
  `create index webhooks_project on webhooks (project_id, id)`,
];

const DOWN = [
  'drop table webhooks, event_horizon',
  'delete from events where project_id is null or resource_id is null',
  `alter table events drop column xid, alter column project_id set not null, alter column resource_id set not null`,
];
