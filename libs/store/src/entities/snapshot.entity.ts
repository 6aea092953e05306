import type { SnapshotStatus } from '@scoria/domain';
import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { VolumeEntity } from './volume.entity.js';

@Entity('snapshots')
export class SnapshotEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text', { name: 'project_id' })
  projectId!: string;

  @Column('text', { name: 'user_id' })
  userId!: string;

  @Column('uuid', { name: 'volume_id' })
  volumeId!: string;

  @ManyToOne(() => VolumeEntity, (volume) => volume.snapshots)
  @JoinColumn({ name: 'volume_id' })
  volume!: Relation<VolumeEntity>;

  @Column('text', { nullable: true })
  name!: string | null;

  @Column('text', { nullable: true })
  description!: string | null;

  /** GiB, when it was taken. */
  @Column('integer', { name: 'volume_size' })
  volumeSize!: number;

  @Column('uuid', { name: 'volume_type_id' })
  volumeTypeId!: string;

  @Column('text')
  status!: SnapshotStatus;

  /** `NN%`. */
  @Column('text')
  progress!: string;

  @Column('uuid', { name: 'operation_id', nullable: true })
  operationId!: string | null;

  @Column({ type: 'boolean', name: 'operation_live', nullable: true, insert: false, update: false })
  operationLive!: boolean | null;

  @Column('jsonb')
  metadata!: Record<string, string>;

  @Column('boolean', { name: 'consumes_quota' })
  consumesQuota!: boolean;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at', nullable: true })
  updatedAt!: Date | null;
}
