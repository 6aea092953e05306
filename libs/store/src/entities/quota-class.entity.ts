import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A limit for all projects without their own; only the class `default` counts. -1 is unlimited. */
@Entity('quota_classes')
export class QuotaClassEntity {
  @PrimaryColumn('text', { name: 'class_name' })
  className!: string;

  @PrimaryColumn('text')
  resource!: string;

  @Column('bigint', { name: 'hard_limit' })
  hardLimit!: string;
}
