import type { AttachmentStatus } from '@scoria/domain';
import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { VolumeEntity } from './volume.entity.js';

/** Owns exactly one export, or none. */
@Entity('attachments')
export class AttachmentEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'volume_id' })
  volumeId!: string;

  @ManyToOne(() => VolumeEntity, (volume) => volume.attachments)
  @JoinColumn({ name: 'volume_id' })
  volume!: Relation<VolumeEntity>;

  @Column('text', { name: 'project_id' })
  projectId!: string;

  @Column('text', { name: 'instance_uuid', nullable: true })
  instanceUuid!: string | null;

  @Column('text', { name: 'attached_host', nullable: true })
  attachedHost!: string | null;

  @Column('text', { nullable: true })
  mountpoint!: string | null;

  @Column('text')
  mode!: 'rw' | 'ro';

  @Column('text')
  status!: AttachmentStatus;

  /** Made through the calls that are older than the attachments API. */
  @Column('boolean')
  legacy!: boolean;

  @Column('jsonb', { nullable: true })
  connector!: Record<string, unknown> | null;

  /** Without the password. */
  @Column('jsonb', { name: 'connection_info', nullable: true })
  connectionInfo!: Record<string, unknown> | null;

  /** Sealed; see `SecretBox`. */
  @Column('bytea', { nullable: true })
  chap!: Buffer | null;

  @Column('boolean')
  exported!: boolean;

  @Column('uuid', { name: 'operation_id', nullable: true })
  operationId!: string | null;

  @Column({ type: 'boolean', name: 'operation_live', nullable: true, insert: false, update: false })
  operationLive!: boolean | null;

  @Column('timestamptz', { name: 'attached_at', nullable: true })
  attachedAt!: Date | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at', nullable: true })
  updatedAt!: Date | null;
}
