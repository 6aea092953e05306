import { Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { VolumeTypeEntity } from './volume-type.entity.js';

/** A project that may use a private type. */
@Entity('volume_type_access')
export class VolumeTypeAccessEntity {
  @PrimaryColumn('uuid', { name: 'volume_type_id' })
  volumeTypeId!: string;

  @PrimaryColumn('text', { name: 'project_id' })
  projectId!: string;

  @ManyToOne(() => VolumeTypeEntity, (type) => type.access, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'volume_type_id' })
  volumeType!: Relation<VolumeTypeEntity>;
}
