import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { PoolState } from '@scoria/domain';

/** A pool as last published, and the sum of what is claimed in it (kept by the trigger on claims). GiB. */
@Entity('pools')
export class PoolEntity {
  /** `host@backend#pool`. */
  @PrimaryColumn('text')
  address!: string;

  @Column('text')
  backend!: string;

  @Column('jsonb')
  state!: PoolState;

  @Column('timestamptz', { name: 'reported_at' })
  reportedAt!: Date;

  /** A bigint, so a string; null when the pool states no bound. */
  @Column('bigint', { name: 'claim_limit_gib', nullable: true })
  claimLimitGib!: string | null;

  @Column('bigint', { name: 'claimed_gib' })
  claimedGib!: string;

  @Column('integer', { name: 'volume_count' })
  volumeCount!: number;
}
