import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What happened. Append-only; read in the order of (xid, id). */
@Entity('events')
export class EventEntity {
  @PrimaryColumn('bigint')
  id!: string;

  /** The transaction that wrote it. */
  @Column('bigint')
  xid!: string;

  @Column('timestamptz')
  at!: Date;

  @Column('text')
  type!: string;

  /** Null: it concerns the whole cloud, and is for administrators. */
  @Column('text', { name: 'project_id', nullable: true })
  projectId!: string | null;

  @Column('text', { name: 'resource_type' })
  resourceType!: string;

  @Column('uuid', { name: 'resource_id', nullable: true })
  resourceId!: string | null;

  @Column('uuid', { name: 'operation_id', nullable: true })
  operationId!: string | null;

  @Column('text', { name: 'request_id', nullable: true })
  requestId!: string | null;

  @Column('jsonb')
  payload!: Record<string, unknown>;
}
