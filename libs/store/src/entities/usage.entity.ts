import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a project uses, of one type or (nil type id) in all. Kept by triggers; read only. */
@Entity('usages')
export class UsageEntity {
  @PrimaryColumn('text', { name: 'project_id' })
  projectId!: string;

  @PrimaryColumn('uuid', { name: 'volume_type_id' })
  volumeTypeId!: string;

  @Column('bigint')
  volumes!: string;

  @Column('bigint')
  snapshots!: string;

  @Column('bigint')
  gigabytes!: string;

  @Column('bigint', { name: 'reserved_gigabytes' })
  reservedGigabytes!: string;
}
