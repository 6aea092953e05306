import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A process that runs operations, for as long as its lease is renewed. */
@Entity('workers')
export class WorkerEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  service!: string;

  @Column('text')
  host!: string;

  @Column('timestamptz', { name: 'lease_until' })
  leaseUntil!: Date;

  @Column('timestamptz', { name: 'started_at' })
  startedAt!: Date;
}
