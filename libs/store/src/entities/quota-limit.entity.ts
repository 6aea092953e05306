import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A project's own limit; wins over the class. -1 is unlimited. */
@Entity('quota_limits')
export class QuotaLimitEntity {
  @PrimaryColumn('text', { name: 'project_id' })
  projectId!: string;

  @PrimaryColumn('text')
  resource!: string;

  @Column('bigint', { name: 'hard_limit' })
  hardLimit!: string;
}
