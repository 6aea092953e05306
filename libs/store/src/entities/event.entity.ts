import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What happened. Append-only. */
@Entity('events')
export class EventEntity {
  @PrimaryColumn('bigint')
  id!: string;

  @Column('timestamptz')
  at!: Date;

  @Column('text')
  type!: string;

  @Column('text', { name: 'project_id' })
  projectId!: string;

  @Column('text', { name: 'resource_type' })
  resourceType!: string;

  @Column('uuid', { name: 'resource_id' })
  resourceId!: string;

  @Column('uuid', { name: 'operation_id', nullable: true })
  operationId!: string | null;

  @Column('text', { name: 'request_id', nullable: true })
  requestId!: string | null;

  @Column('jsonb')
  payload!: Record<string, unknown>;
}
