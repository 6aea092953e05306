import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What operators see under `/os-services`. */
@Entity('services')
export class ServiceEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  binary!: string;

  @Column('text')
  host!: string;

  @Column('text', { name: 'availability_zone' })
  availabilityZone!: string;

  @Column('boolean')
  disabled!: boolean;

  @Column('text', { name: 'disabled_reason', nullable: true })
  disabledReason!: string | null;

  @Column('boolean')
  frozen!: boolean;

  @Column('text', { name: 'backend_state', nullable: true })
  backendState!: string | null;

  @Column('timestamptz', { name: 'reported_at' })
  reportedAt!: Date;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at', nullable: true })
  updatedAt!: Date | null;
}
