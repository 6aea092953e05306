import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The first schema. Every table says which invariant it holds; what can be a constraint is one.
 *
 * Sizes are GiB. Times are `timestamptz`, written by the database's clock only.
 */
export class FirstSchema1763900000001 implements MigrationInterface {
  name = 'FirstSchema1763900000001';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of UP) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of DOWN) await runner.query(sql);
  }
}

const UP = [
  // Processes that run operations. A lease that has passed makes all operations of its worker claimable.
  `create table workers (
     id uuid primary key,
     service text not null,
     host text not null,
     lease_until timestamptz not null,
     started_at timestamptz not null default now()
   )`,

  // What operators see under /os-services: one row per binary and host, kept when the process is gone.
  `create table services (
     id uuid primary key default gen_random_uuid(),
     "binary" text not null,
     host text not null,
     availability_zone text not null,
     disabled boolean not null default false,
     disabled_reason text,
     frozen boolean not null default false,
     backend_state text,
     reported_at timestamptz not null default now(),
     created_at timestamptz not null default now(),
     updated_at timestamptz,
     unique ("binary", host)
   )`,

  `create table volume_types (
     id uuid primary key default gen_random_uuid(),
     name text not null unique check (length(name) between 1 and 255),
     description text,
     is_public boolean not null default true,
     extra_specs jsonb not null default '{}',
     created_at timestamptz not null default clock_timestamp(),
     updated_at timestamptz
   )`,
  `create table volume_type_access (
     volume_type_id uuid not null references volume_types on delete cascade,
     project_id text not null,
     primary key (volume_type_id, project_id)
   )`,
  `insert into volume_types (name, description) values ('__DEFAULT__', 'Default Volume Type')`,

  // Pools as last published. Invariant 5: claimed_gib never grows past claim_limit_gib; the trigger on claims
  // keeps the sum and refuses growth, whoever writes. A null limit means that the pool did not state one.
  `create table pools (
     address text primary key,
     backend text not null,
     state jsonb not null,
     reported_at timestamptz not null default now(),
     claim_limit_gib bigint,
     claimed_gib bigint not null default 0 check (claimed_gib >= 0),
     volume_count integer not null default 0 check (volume_count >= 0)
   )`,
  `create index pools_backend on pools (backend)`,

  // Intent. Invariant 3: what is here will be done; messages only make it sooner.
  // Invariant 1 needs (id, live) to be referencable: see the operation_live columns below.
  `create table operations (
     id uuid primary key,
     kind text not null,
     version integer not null,
     resource_type text not null,
     resource_id uuid not null,
     project_id text not null,
     user_id text not null,
     request_id text not null,
     traceparent text,
     input jsonb not null,
     data jsonb not null default '{}',
     state text not null default 'running'
       check (state in ('running', 'undoing', 'succeeded', 'failed', 'cancelled')),
     live boolean not null generated always as (state in ('running', 'undoing')) stored,
     step integer not null default 0,
     step_name text not null,
     resume_step integer,
     queue text not null,
     backend text,
     attempt integer not null default 0,
     due_at timestamptz not null default now(),
     owner uuid,
     generation bigint not null default 0,
     cancel_requested boolean not null default false,
     awaited boolean not null default false,
     deadline timestamptz not null,
     progress smallint not null default 0 check (progress between 0 and 100),
     error jsonb,
     created_at timestamptz not null default clock_timestamp(),
     updated_at timestamptz not null default clock_timestamp(),
     finished_at timestamptz,
     unique (id, live)
   ) with (fillfactor = 70)`,
  `create index operations_due on operations (queue, due_at) where live`,
  `create index operations_owner on operations (owner) where live`,
  `create index operations_resource on operations (resource_id, created_at)`,
  `create index operations_project on operations (project_id, created_at)`,

  // Invariant 1: a transitional status and a live operation exist only together. The CHECK ties status to
  // operation_id; the foreign key on (operation_id, operation_live) ties operation_id to a live operation:
  // an operation cannot end while a row still points at it.
  `create table volumes (
     id uuid primary key,
     project_id text not null,
     user_id text not null,
     name text,
     description text,
     size integer not null check (size > 0),
     pending_size integer check (pending_size > 0),
     status text not null check (status in (
       'creating', 'downloading', 'available', 'reserved', 'attaching', 'in-use', 'detaching', 'uploading',
       'extending', 'deleting', 'maintenance', 'error', 'error_deleting', 'error_extending')),
     attach_status text not null default 'detached',
     hold text check (hold in ('reserve', 'detach')),
     hold_user_id text,
     held_at timestamptz,
     operation_id uuid,
     operation_live boolean generated always as (case when operation_id is not null then true end) stored,
     volume_type_id uuid not null references volume_types,
     availability_zone text,
     pool text references pools,
     snapshot_id uuid,
     source_volid uuid,
     bootable boolean not null default false,
     multiattach boolean not null default false,
     readonly boolean,
     attached_mode text,
     metadata jsonb not null default '{}',
     image_metadata jsonb,
     consumes_quota boolean not null default true,
     launched_at timestamptz,
     created_at timestamptz not null default clock_timestamp(),
     updated_at timestamptz,
     check ((status in ('creating', 'downloading', 'uploading', 'extending', 'deleting')) = (operation_id is not null)),
     check ((hold is null) = (held_at is null)),
     foreign key (operation_id, operation_live) references operations (id, live) deferrable initially deferred
   )`,
  `create index volumes_project on volumes (project_id, created_at desc, id desc)`,
  `create index volumes_created on volumes (created_at desc, id desc)`,
  `create index volumes_pool on volumes (pool)`,
  `create index volumes_operation on volumes (operation_id) where operation_id is not null`,
  `create index volumes_type on volumes (volume_type_id)`,
  `create index volumes_name on volumes (project_id, name)`,

  `create table snapshots (
     id uuid primary key,
     project_id text not null,
     user_id text not null,
     volume_id uuid not null references volumes,
     name text,
     description text,
     volume_size integer not null check (volume_size > 0),
     volume_type_id uuid not null references volume_types,
     status text not null check (status in ('creating', 'available', 'deleting', 'error', 'error_deleting')),
     progress text not null default '0%',
     operation_id uuid,
     operation_live boolean generated always as (case when operation_id is not null then true end) stored,
     metadata jsonb not null default '{}',
     consumes_quota boolean not null default true,
     created_at timestamptz not null default clock_timestamp(),
     updated_at timestamptz,
     check ((status in ('creating', 'deleting')) = (operation_id is not null)),
     foreign key (operation_id, operation_live) references operations (id, live) deferrable initially deferred
   )`,
  `create index snapshots_project on snapshots (project_id, created_at desc, id desc)`,
  `create index snapshots_created on snapshots (created_at desc, id desc)`,
  `create index snapshots_volume on snapshots (volume_id)`,
  `create index snapshots_operation on snapshots (operation_id) where operation_id is not null`,

  // Invariant 6: an export exists for an attachment of this table that has exported = true, and for nothing else.
  // chap is sealed (AES-256-GCM); connection_info never holds the password.
  `create table attachments (
     id uuid primary key,
     volume_id uuid not null references volumes,
     project_id text not null,
     instance_uuid text,
     attached_host text,
     mountpoint text,
     mode text not null default 'rw' check (mode in ('rw', 'ro')),
     status text not null check (status in (
       'reserved', 'attaching', 'attached', 'detaching', 'error_attaching', 'error_detaching')),
     legacy boolean not null default false,
     connector jsonb,
     connection_info jsonb,
     chap bytea,
     exported boolean not null default false,
     operation_id uuid,
     operation_live boolean generated always as (case when operation_id is not null then true end) stored,
     attached_at timestamptz,
     created_at timestamptz not null default clock_timestamp(),
     updated_at timestamptz,
     check (status <> 'detaching' or operation_id is not null),
     foreign key (operation_id, operation_live) references operations (id, live) deferrable initially deferred
   )`,
  `create index attachments_volume on attachments (volume_id)`,
  `create index attachments_project on attachments (project_id, created_at desc, id desc)`,
  `create index attachments_operation on attachments (operation_id) where operation_id is not null`,

  // What a live operation reads and nobody may delete meanwhile: the source of a clone, for example.
  `create table operation_holds (
     operation_id uuid not null references operations on delete cascade,
     volume_id uuid references volumes,
     snapshot_id uuid references snapshots,
     check (num_nonnulls(volume_id, snapshot_id) = 1)
   )`,
  `create index operation_holds_operation on operation_holds (operation_id)`,
  `create index operation_holds_volume on operation_holds (volume_id) where volume_id is not null`,
  `create index operation_holds_snapshot on operation_holds (snapshot_id) where snapshot_id is not null`,

  // Invariant 5: a row per thing that occupies or will occupy a pool.
  `create table claims (
     id bigint generated always as identity primary key,
     pool text not null references pools,
     volume_id uuid references volumes on delete cascade,
     snapshot_id uuid references snapshots on delete cascade,
     size_gib integer not null check (size_gib >= 0),
     check (num_nonnulls(volume_id, snapshot_id) = 1),
     unique (volume_id),
     unique (snapshot_id)
   )`,
  `create index claims_pool on claims (pool)`,
  `create function account_claim() returns trigger language plpgsql as $$
   declare
     grown pools;
   begin
     if tg_op in ('UPDATE', 'DELETE') and (tg_op = 'DELETE' or old.pool <> new.pool) then
       update pools set claimed_gib = claimed_gib - old.size_gib,
                        volume_count = volume_count - (old.volume_id is not null)::int
        where address = old.pool;
     end if;
     if tg_op = 'INSERT' or (tg_op = 'UPDATE' and old.pool <> new.pool) then
       update pools set claimed_gib = claimed_gib + new.size_gib,
                        volume_count = volume_count + (new.volume_id is not null)::int
        where address = new.pool returning * into grown;
     elsif tg_op = 'UPDATE' and old.size_gib <> new.size_gib then
       update pools set claimed_gib = claimed_gib + new.size_gib - old.size_gib
        where address = new.pool returning * into grown;
       if new.size_gib < old.size_gib then
         return null;
       end if;
     else
       return null;
     end if;
     if new.size_gib > 0 and grown.claim_limit_gib is not null and grown.claimed_gib > grown.claim_limit_gib then
       raise exception 'pool % is full', new.pool using errcode = 'SC002';
     end if;
     return null;
   end $$`,
  `create trigger claims_account after insert or update or delete on claims
     for each row execute function account_claim()`,

  // Invariant 4: usage is a function of the rows, kept by triggers in the transaction that changes them.
  // The row with the nil type id is the project's total. Locks are taken total first, then type.
  `create table usages (
     project_id text not null,
     volume_type_id uuid not null,
     volumes bigint not null default 0 check (volumes >= 0),
     snapshots bigint not null default 0 check (snapshots >= 0),
     gigabytes bigint not null default 0 check (gigabytes >= 0),
     reserved_gigabytes bigint not null default 0 check (reserved_gigabytes >= 0),
     primary key (project_id, volume_type_id)
   ) with (fillfactor = 50)`,
  `create table quota_limits (
     project_id text not null,
     resource text not null check (length(resource) <= 300),
     hard_limit bigint not null check (hard_limit >= -1),
     primary key (project_id, resource)
   )`,
  `create table quota_classes (
     class_name text not null,
     resource text not null check (length(resource) <= 300),
     hard_limit bigint not null check (hard_limit >= -1),
     primary key (class_name, resource)
   )`,
  `insert into quota_classes (class_name, resource, hard_limit) values
     ('default', 'volumes', 10), ('default', 'snapshots', 10), ('default', 'gigabytes', 1000),
     ('default', 'backups', 10), ('default', 'backup_gigabytes', 1000), ('default', 'groups', 10),
     ('default', 'per_volume_gigabytes', -1)`,
  `create function quota_limit(project text, wanted text) returns bigint language sql stable as $$
     select coalesce(
       (select hard_limit from quota_limits where project_id = project and resource = wanted),
       (select hard_limit from quota_classes where class_name = 'default' and resource = wanted),
       -1)
   $$`,
  `create function refuse_over_quota(project text, wanted text, used bigint, requested bigint) returns void
   language plpgsql as $$
   declare
     allowed bigint := quota_limit(project, wanted);
   begin
     if requested > 0 and allowed >= 0 and used > allowed then
       raise exception 'quota exceeded for %', wanted using errcode = 'SC001',
         detail = json_build_object('resource', wanted, 'limit', allowed, 'used', used - requested,
                                    'requested', requested)::text;
     end if;
   end $$`,
  `create function account_usage(project text, type_id uuid, d_volumes bigint, d_snapshots bigint,
                                 d_gigabytes bigint, d_reserved bigint) returns void
   language plpgsql as $$
   declare
     total usages;
     typed usages;
     suffix text;
   begin
     if not exists (select from usages where project_id = project and volume_type_id = '00000000-0000-0000-0000-000000000000') then
       insert into usages (project_id, volume_type_id) values (project, '00000000-0000-0000-0000-000000000000') on conflict do nothing;
     end if;
     update usages u set volumes = u.volumes + d_volumes, snapshots = u.snapshots + d_snapshots,
                         gigabytes = u.gigabytes + d_gigabytes,
                         reserved_gigabytes = u.reserved_gigabytes + d_reserved
      where u.project_id = project and u.volume_type_id = '00000000-0000-0000-0000-000000000000'
      returning * into total;
     if not exists (select from usages where project_id = project and volume_type_id = type_id) then
       insert into usages (project_id, volume_type_id) values (project, type_id) on conflict do nothing;
     end if;
     update usages u set volumes = u.volumes + d_volumes, snapshots = u.snapshots + d_snapshots,
                         gigabytes = u.gigabytes + d_gigabytes,
                         reserved_gigabytes = u.reserved_gigabytes + d_reserved
      where u.project_id = project and u.volume_type_id = type_id
      returning * into typed;
     if d_volumes > 0 or d_snapshots > 0 or d_gigabytes + d_reserved > 0 then
       perform refuse_over_quota(project, 'volumes', total.volumes, d_volumes);
       perform refuse_over_quota(project, 'snapshots', total.snapshots, d_snapshots);
       perform refuse_over_quota(project, 'gigabytes', total.gigabytes + total.reserved_gigabytes,
                                 d_gigabytes + d_reserved);
       select name into suffix from volume_types where id = type_id;
       perform refuse_over_quota(project, 'volumes_' || suffix, typed.volumes, d_volumes);
       perform refuse_over_quota(project, 'snapshots_' || suffix, typed.snapshots, d_snapshots);
       perform refuse_over_quota(project, 'gigabytes_' || suffix, typed.gigabytes + typed.reserved_gigabytes,
                                 d_gigabytes + d_reserved);
     end if;
   end $$`,
  `create function account_volume() returns trigger language plpgsql as $$
   declare
     was_in bigint := 0; was_reserved bigint := 0; is_in bigint := 0; is_reserved bigint := 0;
   begin
     if tg_op <> 'INSERT' and old.consumes_quota then
       was_in := old.size; was_reserved := greatest(coalesce(old.pending_size, old.size) - old.size, 0);
     end if;
     if tg_op <> 'DELETE' and new.consumes_quota then
       is_in := new.size; is_reserved := greatest(coalesce(new.pending_size, new.size) - new.size, 0);
     end if;
     if tg_op = 'UPDATE' and old.project_id = new.project_id and old.volume_type_id = new.volume_type_id then
       if was_in <> is_in or was_reserved <> is_reserved then
         perform account_usage(new.project_id, new.volume_type_id,
           (is_in > 0)::int - (was_in > 0)::int, 0, is_in - was_in, is_reserved - was_reserved);
       end if;
       return null;
     end if;
     if was_in > 0 then
       perform account_usage(old.project_id, old.volume_type_id, -1, 0, -was_in, -was_reserved);
     end if;
     if is_in > 0 then
       perform account_usage(new.project_id, new.volume_type_id, 1, 0, is_in, is_reserved);
     end if;
     return null;
   end $$`,
  `create trigger volumes_account after insert or delete
     or update of size, pending_size, project_id, volume_type_id, consumes_quota on volumes
     for each row execute function account_volume()`,
  `create function account_snapshot() returns trigger language plpgsql as $$
   begin
     if tg_op = 'DELETE' then
       if old.consumes_quota then
         perform account_usage(old.project_id, old.volume_type_id, 0, -1, -old.volume_size, 0);
       end if;
     elsif new.consumes_quota then
       perform account_usage(new.project_id, new.volume_type_id, 0, 1, new.volume_size, 0);
     end if;
     return null;
   end $$`,
  `create trigger snapshots_account after insert or delete on snapshots
     for each row execute function account_snapshot()`,

  // Cinder's user messages: why something failed, for the tenant.
  `create table messages (
     id uuid primary key default gen_random_uuid(),
     project_id text not null,
     request_id text not null,
     resource_type text not null,
     resource_uuid uuid,
     action_id text not null,
     detail_id text not null,
     event_id text not null,
     message_level text not null default 'ERROR',
     user_message text not null,
     created_at timestamptz not null default clock_timestamp(),
     expires_at timestamptz not null default now() + interval '30 days'
   )`,
  `create index messages_project on messages (project_id, created_at desc, id desc)`,
  `create index messages_expiry on messages (expires_at)`,

  // Invariant 8: the answer of a mutating request, stored in the transaction of its effect.
  `create table idempotency_keys (
     project_id text not null,
     key text not null check (length(key) between 1 and 255),
     fingerprint text not null,
     operation_id uuid,
     status_code integer,
     body jsonb,
     created_at timestamptz not null default now(),
     primary key (project_id, key)
   )`,
  `create index idempotency_keys_age on idempotency_keys (created_at)`,

  // What happened, append-only. Not a truth that anything is decided from.
  `create table events (
     id bigint generated always as identity primary key,
     at timestamptz not null default clock_timestamp(),
     type text not null,
     project_id text not null,
     resource_type text not null,
     resource_id uuid not null,
     operation_id uuid,
     request_id text,
     payload jsonb not null default '{}'
   )`,
  `create index events_resource on events (resource_id, id)`,
];

const DOWN = [
  'drop table events, idempotency_keys, messages, claims, operation_holds, attachments, snapshots, volumes cascade',
  'drop table usages, quota_limits, quota_classes, operations, pools, volume_type_access, volume_types cascade',
  'drop table services, workers cascade',
  'drop function account_claim, account_volume, account_snapshot, account_usage, refuse_over_quota, quota_limit',
];
