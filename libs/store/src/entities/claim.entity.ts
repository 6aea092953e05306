import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a volume or a snapshot occupies of its pool, GiB. */
@Entity('claims')
export class ClaimEntity {
  @PrimaryColumn('bigint')
  id!: string;

  @Column('text')
  pool!: string;

  @Column('uuid', { name: 'volume_id', nullable: true })
  volumeId!: string | null;

  @Column('uuid', { name: 'snapshot_id', nullable: true })
  snapshotId!: string | null;

  @Column('integer', { name: 'size_gib' })
  sizeGib!: number;
}
