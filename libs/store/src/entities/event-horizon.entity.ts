import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The last event that was removed for its age. One row. */
@Entity('event_horizon')
export class EventHorizonEntity {
  @PrimaryColumn('boolean', { name: 'the_only' })
  theOnly!: true;

  @Column('bigint')
  xid!: string;

  @Column('bigint')
  id!: string;
}
