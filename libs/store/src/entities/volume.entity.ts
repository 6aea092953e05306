import type { VolumeStatus } from '@scoria/domain';
import { Column, Entity, JoinColumn, ManyToOne, OneToMany, PrimaryColumn, type Relation } from 'typeorm';
import { AttachmentEntity } from './attachment.entity.js';
import { OperationEntity } from './operation.entity.js';
import { PoolEntity } from './pool.entity.js';
import { SnapshotEntity } from './snapshot.entity.js';
import { VolumeTypeEntity } from './volume-type.entity.js';

/** Sizes are GiB. */
@Entity('volumes')
export class VolumeEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text', { name: 'project_id' })
  projectId!: string;

  @Column('text', { name: 'user_id' })
  userId!: string;

  @Column('text', { nullable: true })
  name!: string | null;

  @Column('text', { nullable: true })
  description!: string | null;

  @Column('integer')
  size!: number;

  /** The size it is growing to; counted as reserved usage meanwhile. */
  @Column('integer', { name: 'pending_size', nullable: true })
  pendingSize!: number | null;

  @Column('text')
  status!: VolumeStatus;

  @Column('text', { name: 'attach_status' })
  attachStatus!: string;

  /** Set by `os-reserve` and `os-begin_detaching`: who holds the volume without an attachment. */
  @Column('text', { nullable: true })
  hold!: 'reserve' | 'detach' | null;

  @Column('text', { name: 'hold_user_id', nullable: true })
  holdUserId!: string | null;

  @Column('timestamptz', { name: 'held_at', nullable: true })
  heldAt!: Date | null;

  /** Present exactly while the status is transitional. */
  @Column('uuid', { name: 'operation_id', nullable: true })
  operationId!: string | null;

  @ManyToOne(() => OperationEntity)
  @JoinColumn({ name: 'operation_id' })
  operation!: Relation<OperationEntity> | null;

  /** Generated: true while there is an operation, which must be live then. */
  @Column({ type: 'boolean', name: 'operation_live', nullable: true, insert: false, update: false })
  operationLive!: boolean | null;

  @Column('uuid', { name: 'volume_type_id' })
  volumeTypeId!: string;

  @ManyToOne(() => VolumeTypeEntity)
  @JoinColumn({ name: 'volume_type_id' })
  volumeType!: Relation<VolumeTypeEntity>;

  @Column('text', { name: 'availability_zone', nullable: true })
  availabilityZone!: string | null;

  /** `host@backend#pool`, or null while unplaced. */
  @Column('text', { name: 'pool', nullable: true })
  poolAddress!: string | null;

  @ManyToOne(() => PoolEntity)
  @JoinColumn({ name: 'pool' })
  pool!: Relation<PoolEntity> | null;

  /** What it was made from; may be gone since. */
  @Column('uuid', { name: 'snapshot_id', nullable: true })
  snapshotId!: string | null;

  @Column('uuid', { name: 'source_volid', nullable: true })
  sourceVolumeId!: string | null;

  @Column('boolean')
  bootable!: boolean;

  @Column('boolean')
  multiattach!: boolean;

  @Column('boolean', { nullable: true })
  readonly!: boolean | null;

  @Column('text', { name: 'attached_mode', nullable: true })
  attachedMode!: 'rw' | 'ro' | null;

  @Column('jsonb')
  metadata!: Record<string, string>;

  @Column('jsonb', { name: 'image_metadata', nullable: true })
  imageMetadata!: Record<string, string> | null;

  @Column('boolean', { name: 'consumes_quota' })
  consumesQuota!: boolean;

  @OneToMany(() => SnapshotEntity, (snapshot) => snapshot.volume)
  snapshots!: Relation<SnapshotEntity[]>;

  @OneToMany(() => AttachmentEntity, (attachment) => attachment.volume)
  attachments!: Relation<AttachmentEntity[]>;

  @Column('timestamptz', { name: 'launched_at', nullable: true })
  launchedAt!: Date | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at', nullable: true })
  updatedAt!: Date | null;
}
