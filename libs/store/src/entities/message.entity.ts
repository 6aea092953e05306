import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Cinder's user message: why something failed, for the tenant. */
@Entity('messages')
export class MessageEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text', { name: 'project_id' })
  projectId!: string;

  @Column('text', { name: 'request_id' })
  requestId!: string;

  @Column('text', { name: 'resource_type' })
  resourceType!: string;

  @Column('uuid', { name: 'resource_uuid', nullable: true })
  resourceUuid!: string | null;

  @Column('text', { name: 'action_id' })
  actionId!: string;

  @Column('text', { name: 'detail_id' })
  detailId!: string;

  @Column('text', { name: 'event_id' })
  eventId!: string;

  @Column('text', { name: 'message_level' })
  messageLevel!: string;

  @Column('text', { name: 'user_message' })
  userMessage!: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt!: Date;
}
