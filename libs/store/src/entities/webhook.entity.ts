import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An address that events are delivered to, and how far that has come. */
@Entity('webhooks')
export class WebhookEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text', { name: 'project_id' })
  projectId!: string;

  @Column('text', { name: 'user_id' })
  userId!: string;

  @Column('text')
  url!: string;

  /** Prefixes of types; none: all. */
  @Column('text', { array: true })
  types!: string[];

  @Column('boolean', { name: 'all_projects' })
  allProjects!: boolean;

  @Column('boolean')
  enabled!: boolean;

  /** Sealed by `SecretBox`. */
  @Column('bytea')
  secret!: Buffer;

  @Column('bigint', { name: 'cursor_xid' })
  cursorXid!: string;

  @Column('bigint', { name: 'cursor_id' })
  cursorId!: string;

  @Column('bigint', { name: 'until_xid', nullable: true })
  untilXid!: string | null;

  @Column('bigint', { name: 'until_id', nullable: true })
  untilId!: string | null;

  @Column('timestamptz', { name: 'due_at' })
  dueAt!: Date;

  @Column('uuid', { nullable: true })
  owner!: string | null;

  @Column('bigint')
  generation!: string;

  @Column('timestamptz', { name: 'lease_until', nullable: true })
  leaseUntil!: Date | null;

  /** Whether the last delivery took long. */
  @Column('boolean')
  slow!: boolean;

  @Column('integer')
  failures!: number;

  @Column('timestamptz', { name: 'failing_since', nullable: true })
  failingSince!: Date | null;

  @Column('text', { name: 'last_error', nullable: true })
  lastError!: string | null;

  @Column('text', { name: 'disabled_reason', nullable: true })
  disabledReason!: string | null;

  @Column('timestamptz', { name: 'delivered_at', nullable: true })
  deliveredAt!: Date | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at', nullable: true })
  updatedAt!: Date | null;
}
