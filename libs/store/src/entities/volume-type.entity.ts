import { Column, Entity, OneToMany, PrimaryColumn, type Relation } from 'typeorm';
import { VolumeTypeAccessEntity } from './volume-type-access.entity.js';

@Entity('volume_types')
export class VolumeTypeEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  name!: string;

  @Column('text', { nullable: true })
  description!: string | null;

  @Column('boolean', { name: 'is_public' })
  isPublic!: boolean;

  @Column('jsonb', { name: 'extra_specs' })
  extraSpecs!: Record<string, string | null>;

  @OneToMany(() => VolumeTypeAccessEntity, (access) => access.volumeType)
  access!: Relation<VolumeTypeAccessEntity[]>;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at', nullable: true })
  updatedAt!: Date | null;
}
