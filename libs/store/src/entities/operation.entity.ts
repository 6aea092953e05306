import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Checkpoint } from '@scoria/domain';
import type { OperationError } from '@scoria/operations';
import type { HistoryEntry, OperationClaim } from '../operations/history.js';

/** An operation, live or ended. The engine reads and writes it through `PostgresOperationStore` only. */
@Entity('operations')
export class OperationEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  kind!: string;

  @Column('integer')
  version!: number;

  @Column('text', { name: 'resource_type' })
  resourceType!: 'volume' | 'snapshot' | 'attachment';

  @Column('uuid', { name: 'resource_id' })
  resourceId!: string;

  @Column('text', { name: 'project_id' })
  projectId!: string;

  @Column('text', { name: 'user_id' })
  userId!: string;

  @Column('text', { name: 'request_id' })
  requestId!: string;

  @Column('text', { nullable: true })
  traceparent!: string | null;

  @Column('jsonb')
  input!: unknown;

  @Column('jsonb')
  data!: Record<string, unknown>;

  /** Of the step that it is at; a trigger removes it when the operation leaves the step. */
  @Column('jsonb', { nullable: true })
  checkpoint!: Checkpoint | null;

  @Column('text')
  state!: 'running' | 'undoing' | 'succeeded' | 'failed' | 'cancelled';

  /** Generated: true while running or undoing. */
  @Column({ type: 'boolean', insert: false, update: false })
  live!: boolean;

  @Column('integer')
  step!: number;

  @Column('text', { name: 'step_name' })
  stepName!: string;

  @Column('integer', { name: 'resume_step', nullable: true })
  resumeStep!: number | null;

  @Column('text')
  queue!: string;

  @Column('text', { nullable: true })
  backend!: string | null;

  @Column('integer')
  attempt!: number;

  @Column('timestamptz', { name: 'due_at' })
  dueAt!: Date;

  @Column('uuid', { nullable: true })
  owner!: string | null;

  @Column('bigint')
  generation!: string;

  /** Who has it, or last had it, and since when. */
  @Column('jsonb', { nullable: true })
  claim!: OperationClaim | null;

  /** Oldest first, at most 50. */
  @Column('jsonb')
  history!: HistoryEntry[];

  @Column('boolean', { name: 'cancel_requested' })
  cancelRequested!: boolean;

  @Column('boolean')
  awaited!: boolean;

  @Column('timestamptz')
  deadline!: Date;

  @Column('smallint')
  progress!: number;

  @Column('jsonb', { nullable: true })
  error!: OperationError | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt!: Date;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  finishedAt!: Date | null;
}
